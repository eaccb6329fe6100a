"""The crew's call to the caller, decided over its run."""

from goldenhour.domain import commands as c
from goldenhour.domain.case.across import or_refuse
from goldenhour.domain.case.loading import Facts, primary
from goldenhour.domain.dispatch import callback, mission
from goldenhour.kernel.outcome import Accepted, Refused
from goldenhour.kernel.recorded import Stamp

Calling = c.AskCallback | c.AnswerCallback | c.ShowNumber


def decide(
    command: Calling, run: mission.Mission | None, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    stream = primary(command)
    if run is None:
        return Refused(code="absent", field="mission_id")
    if isinstance(command, c.AnswerCallback):
        said = callback.decide_answer(run.callback, command.callback_id, command.outcome)
        return Accepted(writes=()) if said is None else or_refuse(stream, said)
    if not run.active:
        return Refused(code=f"mission_{run.state}")
    if run.standby:
        return Refused(code="no_caller", field="mission_id")
    if isinstance(command, c.ShowNumber):
        return or_refuse(stream, callback.decide_show(command.reason))
    patience_s = facts.limits.callback_s
    return or_refuse(
        stream,
        callback.decide_ask(run.callback, command.callback_id, stamp.now_ms, patience_s),
    )
