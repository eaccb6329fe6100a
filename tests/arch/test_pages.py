"""A browser may begin at every page that the web knows: a link opens in a new window too."""

import re
from pathlib import Path

from goldenhour.adapters.web.app import PAGES

ROUTES = Path(__file__).parents[2] / "web/consoles/routes.tsx"


def test_the_server_answers_at_every_path_of_the_web() -> None:
    paths = re.findall(r"path: '(/[^']*)'", ROUTES.read_text("utf-8"))
    optional = {path.split("/:", 1)[0] if path.endswith("?") else path for path in paths}
    plain = {re.sub(r":\w+", ":", path) for path in optional}
    assert plain <= {re.sub(r"\{\w+:str\}", ":", page) for page in PAGES}
