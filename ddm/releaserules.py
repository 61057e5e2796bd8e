"""What the settings say of releasing: terms by product, and where endpoints lead."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

from catalog.db.going import Rules, Terms
from catalog.prefixes import Prefixes
from ddm.settings import AfterArchive, ProductSettings, Settings
from merging.witnesses import Counted

FILE = "file://"


def rules_of(settings: Settings, least_grace: timedelta | None = None) -> Rules:
    """The rules of these settings. What they do not name has the defaults, and never goes by itself.

    ``least_grace``: of a disk above ``pressure_high``; grace times that are longer are cut to it.
    """
    terms = {name: _terms(product) for name, product in settings.products.items()}
    if least_grace is not None:
        terms = {name: replace(one, grace=min(one.grace, least_grace)) for name, one in terms.items()}
    return Rules(
        terms=terms,
        prefixes=Prefixes(
            {name: endpoint.prefix for name, endpoint in settings.endpoints.items()}, where_it_leads
        ),
    )


def where_it_leads(url: str) -> str:
    """The URL of a local file or directory without symbolic links; any other URL as it is.

    Two endpoints of which one is a link to the other have their bytes once, not twice.
    """
    return FILE + os.path.realpath(url.removeprefix(FILE)) if url.startswith(FILE) else url


def _terms(product: ProductSettings) -> Terms:
    return Terms(
        wanted=product.wanted,
        grace=product.grace,
        counted=product.counted is not Counted.NONE,
        release=product.inputs_after_archive is AfterArchive.DELETE,
    )
