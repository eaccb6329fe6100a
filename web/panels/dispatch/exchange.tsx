/** What a run is exchanged for: another case for its unit, or another unit for its case. */
import type { Candidate, MissionRow } from '@gh/contract'
import { duration, t } from '@gh/i18n'
import { useSend, useTable, uuid7 } from '@gh/live'
import { Button, Dialog, Elapsed, LevelBadge, Refused } from '@gh/ui'
import { isOpenHere } from './copy-note.tsx'
import { proposalOf, useChecked, useDesk } from './desk.tsx'
import { ChoiceWarning } from './level-bar.tsx'
import { pendingOf } from './model.ts'

/** Ends this run and begins another of the same unit in one deed. */
export function DivertDialog({ mission, onClose }: { mission: MissionRow; onClose: () => void }) {
  const { send, busy, refusal } = useSend()
  const cases = pendingOf(useTable('incidents')).filter(
    (incident) =>
      incident.id !== mission.incident_id && incident.dispatchable && isOpenHere(incident),
  )
  return (
    <Dialog
      title={t('run.divert_title', { unit: mission.call_sign })}
      onClose={onClose}
      testid="divert-dialog"
      footer={refusal ? <Refused refusal={refusal} /> : undefined}
    >
      <p className="gh-m">{t('run.divert_hint', { number: mission.incident_number })}</p>
      {cases.length === 0 ? <p>{t('run.divert_none')}</p> : null}
      <ul className="rows">
        {cases.map((incident) => (
          <li key={incident.id} className="gh-row">
            <LevelBadge level={incident.level} />
            <b>{incident.number}</b>
            <span className="gh-ell">{incident.location?.label}</span>
            <span className="gh-sp" />
            <Elapsed since_ms={incident.waiting_since_ms} limit_s={incident.dispatch_target_s} />
            <Button
              look="primary"
              busy={busy}
              onClick={() =>
                void send({
                  kind: 'mission.divert',
                  mission_id: mission.id,
                  new_mission_id: uuid7(),
                  incident_id: incident.id,
                }).then((done) => done && onClose())
              }
              data-testid={`divert-${incident.number}`}
            >
              {t('run.divert')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

const RELIEF = 5

/** Another unit in this one's place: the best that are free, with what they need. */
export function RelieveDialog({ mission, onClose }: { mission: MissionRow; onClose: () => void }) {
  const { send, busy, refusal } = useSend()
  const { check, recommendation } = useChecked()
  const { data, isError } = recommendation
  const { setWarning } = useDesk()
  function close(): void {
    setWarning(null)
    onClose()
  }
  async function relieve(one: Candidate): Promise<void> {
    const shown = await check(one.unit_id)
    if (shown === null) return
    const done = await send({
      kind: 'mission.relieve',
      mission_id: mission.id,
      new_mission_id: uuid7(),
      unit_id: one.unit_id,
      ...(shown ? { proposal: proposalOf(shown, one) } : {}),
    })
    if (done) onClose()
  }
  const units = data?.ranked.filter((one) => one.unit_id !== mission.unit_id).slice(0, RELIEF)
  return (
    <Dialog
      title={t('run.relieve_title', { unit: mission.call_sign })}
      onClose={close}
      testid="relieve-dialog"
      footer={refusal ? <Refused refusal={refusal} /> : undefined}
    >
      <p className="gh-m">{t('run.relieve_hint', { unit: mission.call_sign })}</p>
      <ChoiceWarning inside />
      {units === undefined ? (
        <p role="status">{t(isError ? 'recommend.failed' : 'dispatch.computing')}</p>
      ) : null}
      {units?.length === 0 ? <p>{t('recommend.none')}</p> : null}
      <ul className="rows">
        {units?.map((one) => (
          <li key={one.unit_id} className="gh-row">
            <b>{one.call_sign}</b>
            <span className="gh-m">
              {one.estimated ? '≈' : ''}
              {one.eta_s === null ? '—' : duration(one.eta_s)}
            </span>
            <span className="gh-sp" />
            <Button
              look="primary"
              busy={busy}
              onClick={() => void relieve(one)}
              data-testid={`relieve-${one.call_sign}`}
            >
              {t('recommend.send', { unit: one.call_sign })}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
