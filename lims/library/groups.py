"""What the structural groups are, in words: the core that a member contains, and what is left out.

The sentences follow the patterns and notes of structural_groups.csv; a match informs, it is no
legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping

from lims.foundation.words import Message, _

GROUP_EXPLANATIONS: Mapping[str, Message] = {
    "fentanyls": _(
        "A piperidine ring that carries an acylated aniline (or benzylamine) nitrogen. 4-ANPP, "
        "which has no acyl group, is a precursor and not a member."
    ),
    "nitazenes": _(
        "A benzimidazole that carries a benzyl group and an aminoethyl chain. The nitro group is "
        "not needed: desnitazenes are members."
    ),
    "cathinones": _(
        "An aromatic ketone with an amine on the next carbon, whose substituents are small or a "
        "pyrrolidine or piperidine ring. The medicine bupropion is an exception by name."
    ),
    "phenethylamines": _(
        "A phenyl ring and an amine, two open-chain carbons apart, with small groups on the "
        "nitrogen. Catechols, amino acids and beta-hydroxy phenols are left out."
    ),
    "tryptamines": _(
        "An indole with an amine two open-chain carbons from its position 3. Tryptophan and other "
        "acids, triptans and serotonin are left out."
    ),
    "lysergamides": _(
        "An amide of lysergic or isolysergic acid. Ergopeptides such as ergotamine, and "
        "ergometrine, methylergometrine and methysergide are left out."
    ),
    "benzodiazepines": _(
        "A 5-aryl-1,4-benzodiazepine, its thieno, triazolo and imidazo relatives, or a "
        "1,5-benzodiazepine-2,4-dione."
    ),
    "synthetic-cannabinoids": _(
        "One of four families: an indole, indazole or 7-azaindole with a carbonyl link, a known "
        "tail and a linked group; an indazole carboxamide without tail; a pegaclone; an oxizid."
    ),
    "arylcyclohexylamines": _(
        "A cyclohexane ring that carries an aromatic ring and an amine on one carbon, itself plain "
        "or with a ketone beside it, as in PCP and ketamine."
    ),
    "phenidates": _(
        "An alkyl ester of an aryl (piperidin-2-yl) acetic acid, as in methylphenidate. Ritalinic "
        "acid, which the body makes of it, is left out."
    ),
    "piperazines": _(
        "A phenyl- or benzylpiperazine whose second nitrogen is free or carries a methyl group. "
        "Fused rings, quinolones and amides are left out."
    ),
}


def group_explanation(group: str) -> Message | None:
    """Return what a group is, or None for one that nobody has put into words."""
    return GROUP_EXPLANATIONS.get(group)
