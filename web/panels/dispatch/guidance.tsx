import type { Content, IncidentRow, TcprContent } from '@gh/contract'
import { clockTime, duration, t } from '@gh/i18n'
import { useNow, useSend, useTable } from '@gh/live'
import { Button, KeyCap, Refused, useAudioReady, useHotkeys, useMetronome } from '@gh/ui'
import { useState } from 'react'
import { findScript, isTcpr } from './model.ts'
import { say } from './words.ts'

/** Words to read to the caller, one step at a time, in large type; for an arrest with the beat. */
export function Guidance({ content, incident }: { content: Content; incident: IncidentRow }) {
  const offered = incident.scripts.filter((id) => findScript(content, id) !== undefined)
  const [picked, setPicked] = useState('')
  const id = offered.includes(picked) ? picked : (offered[0] ?? '')
  const script = findScript(content, id)
  const { send, refusal, dismiss } = useSend()
  const [step, setStep] = useState(0)
  const [beat, setBeat] = useState(false)
  const tcpr = isTcpr(id)
  const rate = content.tcpr.metronome.rate_per_min
  useMetronome(rate, beat && tcpr)

  const said = incident.instructions.filter((given) => given.instruction === id)
  const started = said.find((given) => given.step === 'start')
  const compressed = said.find((given) => given.step === 'first_compression')
  const give = (word: string) =>
    void send({
      kind: 'incident.give_instruction',
      incident_id: incident.id,
      instruction: id,
      step: word,
    })
  const steps = script?.steps ?? []
  const show = (n: number) => {
    const next = Math.max(0, Math.min(steps.length - 1, n))
    if (started === undefined) give('start')
    if (next > step) give(String(next + 1))
    setStep(next)
  }
  const first = () => {
    if (compressed === undefined) give('first_compression')
    setBeat(true)
  }
  useHotkeys(
    {
      Enter: () => show(step + 1),
      ' ': () => show(step + 1),
      ArrowDown: () => show(step + 1),
      ArrowUp: () => show(step - 1),
      ...(tcpr ? { c: first, m: () => setBeat((on) => !on) } : {}),
    },
    script !== undefined && incident.state === 'open',
  )
  if (script === undefined) return null
  return (
    <div className={`guide${tcpr ? ' tcpr' : ''}`} data-testid="guidance" data-script={id}>
      {offered.length > 1 ? (
        <div className="gh-choices pick">
          {offered.map((other) => (
            <Button
              key={other}
              on={other === id}
              onClick={() => {
                setPicked(other)
                setStep(0)
              }}
            >
              {say(findScript(content, other)?.title)}
            </Button>
          ))}
        </div>
      ) : (
        <b className="title">{say(script.title)}</b>
      )}
      {tcpr ? (
        <Clocks tcpr={content.tcpr} incident={incident} compressedMs={compressed?.at_ms ?? null} />
      ) : null}
      <ol>
        {steps.map((text, i) => (
          <li key={text.zh} className={i === step ? 'now' : i < step ? 'past' : ''}>
            <button type="button" onClick={() => show(i)}>
              <span className="n">{i + 1}</span>
              <span>{say(text)}</span>
            </button>
          </li>
        ))}
      </ol>
      <div className="acts">
        <Button keycap="↵" onClick={() => show(step + 1)} data-testid="guide-next">
          {started ? t('guidance.next') : t('guidance.start')}
        </Button>
        {tcpr ? (
          <>
            <Button
              look={compressed ? 'plain' : 'primary'}
              keycap="C"
              onClick={first}
              data-testid="first-compression"
            >
              {compressed
                ? `✓ ${t('guidance.first_at', { at: clockTime(compressed.at_ms) })}`
                : t('guidance.first')}
            </Button>
            <Beat rate={rate} on={beat} onToggle={() => setBeat(!beat)} />
          </>
        ) : null}
        {started ? (
          <Button
            onClick={() => {
              give('stop')
              setBeat(false)
            }}
            data-testid="guide-stop"
          >
            {t('guidance.stop')}
          </Button>
        ) : null}
        <Refused refusal={refusal} dismiss={dismiss} />
      </div>
      {tcpr ? (
        <p className="gh-m gh-s">
          {t('guidance.stop_only')} {content.tcpr.stop_only_if.map(say).join(t('ui.comma'))}
        </p>
      ) : null}
    </div>
  )
}

function Beat({ rate, on, onToggle }: { rate: number; on: boolean; onToggle: () => void }) {
  const audible = useAudioReady()
  return (
    <button
      type="button"
      className={`gh-btn beat${on ? ' on' : ''}`}
      onClick={onToggle}
      aria-pressed={on}
      data-testid="metronome"
    >
      <i style={{ animationDuration: `${60 / rate}s` }} />
      {t('guidance.metronome', { n: rate })}
      {on && !audible ? ` · ${t('guidance.silent')}` : ''}
      <KeyCap>M</KeyCap>
    </button>
  )
}

/** From the answered call: recognition and first compression, each against its goal. */
function Clocks({
  tcpr,
  incident,
  compressedMs,
}: {
  tcpr: TcprContent
  incident: IncidentRow
  compressedMs: number | null
}) {
  const now = useNow()
  const call = useTable('calls').find((c) => incident.calls.includes(c.id))
  const from = call?.answered_ms ?? incident.opened_ms
  const done: Record<string, number | null> = {
    recognition: incident.levelled_ms,
    first_compression: compressedMs,
  }
  return (
    <div className="clocks">
      {tcpr.goals.map((goal) => {
        const at = done[goal.id] ?? null
        const seconds = ((at ?? now) - from) / 1000
        const late = seconds > goal.minimum_s
        return (
          <div key={goal.id} className={late ? 'late' : ''}>
            <span className="gh-s">{say(goal.title)}</span>
            <b>
              {at === null ? '' : '✓ '}
              {duration(seconds)}
            </b>
            <span className="gh-s gh-m">
              {t('guidance.goal', { good: goal.high_performing_s, min: goal.minimum_s })}
            </span>
          </div>
        )
      })}
    </div>
  )
}
