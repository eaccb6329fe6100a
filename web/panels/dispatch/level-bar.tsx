import { type Content, DISPATCH_LEVELS, type DispatchLevel, type IncidentRow } from '@gh/contract'
import { duration, t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Button, Dialog, Elapsed, KeyCap, LevelBadge, Refused, useHotkeys } from '@gh/ui'
import { useState } from 'react'
import { isOpenHere } from './copy-note.tsx'
import { useDesk, useDispatch } from './desk.tsx'
import { useReasonText } from './recommend.tsx'
import { markText, say } from './words.ts'

/** The level, why, and the button that sends a unit. */
export function LevelBar({ incident, content }: { incident: IncidentRow; content: Content }) {
  const [overriding, setOverriding] = useState(false)
  const { assign, busy, refusal, dismiss, recommendation } = useDispatch()
  const best = recommendation.data?.ranked[0]
  const open = isOpenHere(incident)
  const waiting = open && incident.dispatched_ms === null
  const ready = waiting && incident.dispatchable && best !== undefined
  useHotkeys({ F6: () => best && void assign(best.unit_id) }, ready && !busy)
  const missing = [
    incident.location === null ? t('dispatch.need_location') : '',
    incident.standby === null && incident.answers.entry?.breathing_normal === undefined
      ? t('dispatch.need_breathing')
      : '',
  ].filter(Boolean)
  return (
    <div className="disp">
      {incident.standby ? (
        <p className="lvnow">{t('standby.no_level')}</p>
      ) : (
        <LevelNow
          incident={incident}
          content={content}
          onOverride={() => open && setOverriding(true)}
        />
      )}
      {waiting ? (
        incident.dispatchable ? (
          best ? (
            <Button
              look="primary"
              className="sendnow"
              busy={busy}
              onClick={() => void assign(best.unit_id)}
              data-testid="dispatch"
            >
              <span>{t('dispatch.now')}</span>
              <KeyCap>F6</KeyCap>
              <small>{t('dispatch.best', { unit: best.call_sign })}</small>
            </Button>
          ) : (
            <span className="need">
              {t(recommendation.isPending ? 'dispatch.computing' : 'dispatch.no_unit')}
            </span>
          )
        ) : (
          <span className="need" data-testid="not-dispatchable">
            {t('dispatch.need', { what: missing.join(t('ui.comma')) })}
          </span>
        )
      ) : (
        <span className="need">
          {incident.node
            ? t('node.light', { node: incident.node })
            : t(open ? 'dispatch.done' : 'state.closed')}
          {open ? <Elapsed since_ms={incident.dispatched_ms ?? incident.opened_ms} /> : null}
        </span>
      )}
      <ChoiceWarning />
      {refusal ? (
        <div className="floating">
          <Refused refusal={refusal} dismiss={dismiss} />
        </div>
      ) : null}
      {overriding ? (
        <OverrideLevel incident={incident} content={content} onClose={() => setOverriding(false)} />
      ) : null}
    </div>
  )
}

/** Between proposal and click the chosen unit fell behind: one more press sends it. `inside`: of a dialog. */
export function ChoiceWarning({ inside = false }: { inside?: boolean }) {
  const { warning, setWarning } = useDesk()
  const reason = useReasonText()
  if (warning === null) return null
  return (
    <div
      className={`gh-note warn${inside ? '' : ' floating'}`}
      role="alert"
      data-testid="choice-warning"
    >
      <span>
        {warning.by_s === null
          ? t('choice.gone', {
              unit: warning.call_sign,
              why: warning.reasons.map(reason).join(' · ') || t('choice.not_ranked'),
            })
          : t('choice.later', { unit: warning.call_sign, by: duration(warning.by_s) })}{' '}
        {warning.first !== '' && t('choice.first_now', { unit: warning.first })}{' '}
        {warning.by_s !== null && t('choice.press_again', { unit: warning.call_sign })}
      </span>
      <Button onClick={() => setWarning(null)} data-testid="choice-dismiss">
        {t('ui.close')}
      </Button>
    </div>
  )
}

function LevelNow({
  incident,
  content,
  onOverride,
}: {
  incident: IncidentRow
  content: Content
  onOverride: () => void
}) {
  const level = content.levels.dispatch.find((item) => item.level === incident.level)
  return (
    <div className="lvnow">
      <button
        type="button"
        onClick={onOverride}
        title={t('level.override')}
        data-testid="level"
        data-level={incident.level}
      >
        <LevelBadge level={incident.level} size="huge" />
      </button>
      <div>
        <p>
          <b>{level ? say(level.name) : t('level.unknown')}</b>{' '}
          <span className="gh-m gh-s">
            {incident.level_overridden
              ? t('level.overridden')
              : incident.level_complete
                ? t('level.final')
                : t('level.so_far')}
          </span>
        </p>
        <p className="gh-m gh-s gh-ell">
          {incident.level_possible &&
          incident.level_possible < incident.level &&
          !incident.level_complete
            ? t('level.possible', { level: incident.level_possible })
            : level
              ? say(level.response)
              : t('level.unknown_hint')}
        </p>
        <p className="gh-s gh-ell gh-warnt">
          {incident.flags.map((flag) => markText(content, flag)).join(' · ')}
        </p>
      </div>
    </div>
  )
}

function OverrideLevel({
  incident,
  content,
  onClose,
}: {
  incident: IncidentRow
  content: Content
  onClose: () => void
}) {
  const { send, busy, refusal } = useSend()
  const [reason, setReason] = useState('')
  const [level, setLevel] = useState<DispatchLevel | ''>('')
  return (
    <Dialog
      title={t('level.override')}
      onClose={onClose}
      testid="override-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {level === '' ? null : (
            <Button
              look="primary"
              busy={busy}
              onClick={() =>
                void send({
                  kind: 'incident.override_level',
                  incident_id: incident.id,
                  level,
                  reason: reason.trim(),
                }).then((done) => done && onClose())
              }
              data-testid="override-go"
            >
              {t('level.override_go', { level })}
            </Button>
          )}
        </>
      }
    >
      <div className="gh-choices">
        {DISPATCH_LEVELS.map((item) => (
          <Button
            key={item}
            on={level === item}
            onClick={() => setLevel(item)}
            data-testid={`override-${item}`}
          >
            <LevelBadge level={item} />
            {say(content.levels.dispatch.find((l) => l.level === item)?.name)}
          </Button>
        ))}
      </div>
      <label className="gh-field">
        <span>{t('level.override_reason')}</span>
        <input
          className="gh-input"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          data-testid="override-reason"
        />
      </label>
    </Dialog>
  )
}
