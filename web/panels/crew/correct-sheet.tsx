/** A forgotten node is supplied with its real time; a wrong time is corrected and both stay. */
import type { Milestone, MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow, useSend } from '@gh/live'
import { useSession } from '@gh/session'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { clockTime } from '../care/format.ts'
import { milestone, source } from '../care/words.ts'
import { guessTime, rail, whoSays } from './model.ts'
import { ReasonPicker, Sheet } from './sheet.tsx'

const STEPS = [
  { ms: -3_600_000, label: '−1 h' },
  { ms: -600_000, label: '−10 min' },
  { ms: -60_000, label: '−1 min' },
  { ms: -10_000, label: '−10 s' },
  { ms: 10_000, label: '+10 s' },
  { ms: 60_000, label: '+1 min' },
  { ms: 600_000, label: '+10 min' },
  { ms: 3_600_000, label: '+1 h' },
]

export function CorrectSheet({ mission, onClose }: { mission: MissionRow; onClose: () => void }) {
  const now = useNow()
  const items = rail(mission)
  const last = items.findIndex((i) => i.current)
  // A run that was called off takes no more nodes; those that it has are corrected all the same.
  const takes = mission.state !== 'stood_down'
  const offered = items.filter((i, index) => i.node !== undefined || (takes && index < last))
  const [chosen, setChosen] = useState<Milestone | null>(
    () => (takes && items.find((i) => i.missed)?.milestone) || null,
  )
  return (
    <Sheet title={t('crew.correct')} onClose={onClose} testId="correct-sheet">
      {offered.length === 0 ? (
        <p className="mu">{t('crew.nothing_to_correct')}</p>
      ) : (
        <div className="crew-form correct">
          <div className="crew-nodes">
            {offered.map(({ milestone: code, node }) => (
              <button
                key={code}
                type="button"
                className="tap"
                aria-pressed={chosen === code}
                onClick={() => setChosen(code)}
                data-testid={`correct-${code}`}
              >
                <b>{milestone(code)}</b>
                {node ? (
                  <small>
                    {clockTime(node.at_ms)} · {source(node.source)}
                    {node.original_ms !== null && (
                      <>
                        {' '}
                        <s>{clockTime(node.original_ms)}</s>
                      </>
                    )}
                  </small>
                ) : (
                  <small className="un">{t('crew.missed_supply')}</small>
                )}
              </button>
            ))}
          </div>
          {chosen === null ? (
            <p className="mu">{t('crew.choose_node')}</p>
          ) : (
            <Editor
              key={chosen}
              mission={mission}
              code={chosen}
              first_ms={guessTime(mission, chosen, now)}
              onDone={onClose}
            />
          )}
        </div>
      )}
    </Sheet>
  )
}

function Editor(props: {
  mission: MissionRow
  code: Milestone
  first_ms: number
  onDone: () => void
}) {
  const { mission, code } = props
  const now = useNow()
  const node = mission.nodes.find((n) => n.milestone === code)
  const [at_ms, setAt] = useState(props.first_ms)
  const [reason, setReason] = useState('')
  const session = useSession()
  const { send, busy, refusal } = useSend()
  const moved = node === undefined || at_ms !== node.at_ms
  const ready = moved && (node === undefined || reason.trim() !== '')

  async function save() {
    const done = await send(
      node === undefined
        ? {
            kind: 'mission.reach',
            mission_id: mission.id,
            milestone: code,
            source: whoSays(session),
            at_ms,
          }
        : {
            kind: 'mission.correct',
            mission_id: mission.id,
            milestone: code,
            at_ms,
            reason: reason.trim(),
          },
    )
    if (done) props.onDone()
  }

  return (
    <div className="crew-time">
      <p>
        <span className="mu">{t(node ? 'crew.correct_to' : 'crew.supply_at')}</span>{' '}
        {milestone(code)}
      </p>
      <output className="num" data-testid="correct-time">
        {clockTime(at_ms)}
      </output>
      <div className="crew-steps">
        {STEPS.map((s) => (
          <button
            key={s.ms}
            type="button"
            className="tap num"
            onClick={() => setAt((was) => Math.min(was + s.ms, now))}
            data-testid={`step${s.label.replaceAll(' ', '').replace('−', '-')}`}
          >
            {s.label}
          </button>
        ))}
      </div>
      {node && (
        <ReasonPicker
          label={t('crew.reason_required')}
          value={reason}
          onChange={setReason}
          reasons={[t('crew.reason.late'), t('crew.reason.early'), t('crew.reason.slip')]}
        />
      )}
      <div className="crew-actions">
        <Refused refusal={refusal} />
        {!ready && <p className="mu">{t(moved ? 'crew.reason_first' : 'crew.move_first')}</p>}
        {ready && (
          <button
            type="button"
            className="tap primary wide"
            disabled={busy}
            onClick={() => void save()}
            data-testid="correct-save"
          >
            {busy ? t('crew.sending') : t(node ? 'crew.save_correction' : 'crew.supply')}
          </button>
        )}
        <p className="mu">{t('crew.both_kept')}</p>
      </div>
    </div>
  )
}
