from pathlib import Path

import pytest

from goldenhour.app.uplinks import DataClass, Uplink
from goldenhour.main.gateway import video_orders
from goldenhour.main.settings import LogFormat, SettingsError, load_settings
from goldenhour.wire.jt808.video import SendVideo


def _file(folder: Path, text: str) -> dict[str, str]:
    path = folder / "goldenhour.toml"
    path.write_text(text, encoding="utf-8")
    return {"GOLDENHOUR_CONFIG": str(path)}


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    environ = _file(tmp_path, 'https_port = 9443\nlog_format = "json"\n')
    settings = load_settings(environ | {"GOLDENHOUR_HTTPS_PORT": "9444"})
    assert settings.https_port == 9444
    assert settings.log_format is LogFormat.JSON
    assert settings.mllp_port == 2575


def test_the_state_folder_can_be_chosen() -> None:
    assert load_settings({"GOLDENHOUR_STATE": "/srv/gh"}).state_dir == Path("/srv/gh")


def test_other_programs_variables_are_none_of_ours() -> None:
    assert load_settings({"PATH": "/bin", "GOLDENHOUR_DATA": "x"}) == load_settings({})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("htps_port = 1", "htps_port: there is no such setting"),
        ("https_port = 0", r"https_port: Expected `int` >= 1"),
        ('log_format = "xml"', "log_format: Invalid enum value 'xml'"),
        ("state = 5", "state: Expected `str`"),
        ("https_port = ", "Invalid value"),
        ("[https_port]\nx = 1", "https_port: Expected `int`"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=rf"goldenhour\.toml: .*{named}"):
        load_settings(_file(tmp_path, text))


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml"):
        load_settings({"GOLDENHOUR_CONFIG": str(tmp_path / "absent.toml")})


@pytest.mark.parametrize(
    ("variable", "text", "named"),
    [
        ("GOLDENHOUR_HTPS_PORT", "1", "GOLDENHOUR_HTPS_PORT: there is no such setting"),
        ("GOLDENHOUR_HTTPS_PORT", "web", "GOLDENHOUR_HTTPS_PORT: Expected `int`"),
        ("GOLDENHOUR_HTTPS_PORT", "70000", "GOLDENHOUR_HTTPS_PORT: Expected `int` <= 65535"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(variable: str, text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings({variable: text})


@pytest.mark.parametrize(
    ("variable", "text", "named"),
    [
        ("CABIN_VIDEO_TO", "192.168.1.10", "CABIN_VIDEO_TO: Expected `str` matching"),
        ("CABIN_VIDEO_TO", "192.168.1.10:0", "cabin_video_to: ports go from 1 to 65535"),
        ("CABIN_VIDEO_TO", "192.168.1.10:70000", "cabin_video_to: ports go from 1 to 65535"),
        ("CABIN_VIDEO_CHANNELS", "", "CABIN_VIDEO_CHANNELS: Expected `str` matching"),
        ("CABIN_VIDEO_CHANNELS", "1,0", "cabin_video_channels: channels go from 1 to 255"),
        ("CABIN_VIDEO_CHANNELS", "1,256", "cabin_video_channels: channels go from 1 to 255"),
    ],
)
def test_recorders_are_asked_to_send_to_a_port_that_there_is(
    variable: str, text: str, named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings({f"GOLDENHOUR_{variable}": text})


def test_recorders_are_asked_for_each_channel() -> None:
    assert video_orders(load_settings({})) == ()
    set_so = {
        "GOLDENHOUR_CABIN_VIDEO_TO": "box.local:1078",
        "GOLDENHOUR_CABIN_VIDEO_CHANNELS": "1,3",
    }
    assert video_orders(load_settings(set_so)) == (
        SendVideo(host="box.local", tcp_port=1078, channel=1),
        SendVideo(host="box.local", tcp_port=1078, channel=3),
    )


def test_a_certificate_of_ones_own_needs_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("x")
    with pytest.raises(SettingsError, match="tls_key"):
        load_settings({"GOLDENHOUR_TLS_CERT": str(tmp_path / "x.pem")})
    with pytest.raises(SettingsError, match="there is no file"):
        load_settings({"GOLDENHOUR_TLS_CA": str(tmp_path / "absent.pem")})


def one(name: str, carries: str = "", url: str = "https://c") -> str:
    classes = f"carries = [{carries}]" if carries else ""
    return f'[[uplinks]]\nname = "{name}"\nurl = "{url}"\n{classes}\n'


def uplinks_of(tmp_path: Path, text: str) -> tuple[Uplink, ...]:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings({"GOLDENHOUR_CONFIG": str(path)}).uplinks


def test_two_networks_and_what_they_may_carry(tmp_path: Path) -> None:
    private, public = uplinks_of(tmp_path, one("private") + one("public", '"events", "vitals"'))
    assert (private.name, private.carries) == ("private", tuple(DataClass))
    assert public.carries == (DataClass.EVENTS, DataClass.VITALS)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (one("a") + one("b") + one("c"), "uplinks: 3 are too many"),
        (one("a") + one("a"), "uplinks: both have the same name"),
        (one("a", '"events"') + one("b", '"vitals", "ecg"'), "uplinks: none carries backlog"),
        (one("a", '"film"'), "uplinks"),
        (one("a", url="http://c"), "uplinks"),
    ],
)
def test_networks_that_cannot_work_are_refused(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        uplinks_of(tmp_path, text)
