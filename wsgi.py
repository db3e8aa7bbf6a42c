"""gunicorn entry: `wsgi:staff` and `wsgi:public`, settings from the environment."""

from lims.app import make_app
from lims.foundation.settings import read_settings
from lims.public import make_public_app


def staff():  # type: ignore[no-untyped-def]
    """Return the staff application."""
    return make_app(read_settings())


def public():  # type: ignore[no-untyped-def]
    """Return the public application."""
    return make_public_app(read_settings())
