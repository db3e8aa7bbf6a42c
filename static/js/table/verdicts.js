// What an answer of the server means for the row that was sent. An answer decides about a row only
// when it names that row: the gate of a public network or a proxy cannot empty or refuse a queue.

export const VERDICT = Object.freeze({
  SENT: "sent",
  CONFLICT: "conflict",
  REFUSED: "refused",
  LOGIN: "login",
  WITHDRAWN: "withdrawn",
  RETRY: "retry",
});

// Returns {verdict, told: {status, detail, errors}}.
export function judge(row, { status, body }, ownDevice = null) {
  const said = body || {};
  const told = { status, detail: String(said.detail || said.title || ""), errors: said.errors || [] };
  const names = said.id === row.id;
  const verdict = (what) => ({ verdict: what, told });
  if (status === 201 && names && said.hash === row.hash) return verdict(VERDICT.SENT);
  if (status === 409 && names && typeof said.hash === "string") {
    return verdict(said.hash === row.hash ? VERDICT.SENT : VERDICT.CONFLICT);
  }
  if (status === 401) return verdict(VERDICT.LOGIN);
  if (status === 403 && said.withdrawn === true) {
    // A row that came by file from a device withdrawn since must not hold up this device's own.
    return verdict(isOf(row, ownDevice) ? VERDICT.WITHDRAWN : VERDICT.REFUSED);
  }
  if (status === 413) return verdict(VERDICT.REFUSED);
  if ([403, 404, 422].includes(status) && names) return verdict(VERDICT.REFUSED);
  return verdict(VERDICT.RETRY);
}

function isOf(row, device) {
  return device === null || JSON.parse(row.envelope).device === device;
}
