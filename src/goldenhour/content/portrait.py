"""The rules of the health portrait, read and checked whole."""

from collections.abc import Iterable
from importlib.resources.abc import Traversable

from goldenhour.content.check import ContentError, check_names, read_file
from goldenhour.domain.care.findings import NAMES
from goldenhour.domain.care.portrait_content import Colour, PortraitContent
from goldenhour.domain.care.sheets import Sheet


def read_portrait(file: Traversable, sheets: Iterable[Sheet]) -> PortraitContent:
    content = read_file(file, PortraitContent)
    where = content.about.id
    regions = {region.id for region in content.regions}
    ids = [rule.id for rule in content.rules]
    if len(set(ids)) != len(ids):
        raise ContentError(where, "rules: an id is used twice")
    for rule in content.rules:
        at = f"rules.{rule.id}"
        if rule.region not in regions:
            raise ContentError(where, f"{at}.region: no region {rule.region!r}")
        if rule.colour not in (Colour.ORANGE, Colour.RED):
            raise ContentError(where, f"{at}.colour: a rule makes orange or red")
        if not rule.has_codes and not rule.when:
            raise ContentError(where, f"{at}: needs codes or when")
        if (rule.below is not None or rule.least is not None) != bool(rule.unit):
            raise ContentError(where, f"{at}.unit: needed by a bound and only so")
    known = {item.id for sheet in sheets for item in sheet.list_items()}
    recorded = {rule.id for rule in content.rules if rule.has_codes}
    falls = {baseline.id for baseline in content.baselines}
    if clash := recorded & (NAMES | known):
        raise ContentError(where, f"rules: {min(clash)!r} is also a finding or an answer")
    names = NAMES | known | recorded | falls | {"sex"}
    check_names(where, (rule.when for rule in content.rules), names)
    check_names(where, (region.when for region in content.regions), names)
    protections = {ppe.id for ppe in content.ppe}
    for infection in content.infections:
        if infection.ppe not in protections:
            raise ContentError(where, f"infections.{infection.id}.ppe: no {infection.ppe!r}")
    for baseline in content.baselines:
        if baseline.finding not in NAMES:
            raise ContentError(where, f"baselines.{baseline.id}.finding: no {baseline.finding!r}")
    return content
