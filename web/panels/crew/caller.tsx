/** To speak to whoever called: straight by the number, or through the centre where it is masked. */
import type { CallRow, EdgeStatus, MissionRow } from '@gh/contract'
import { post, Refusal } from '@gh/contract'
import { clockTime, t, tOr } from '@gh/i18n'
import { useLimits, useNow, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useEffect, useState } from 'react'
import { useGet } from '../care/query.ts'
import { callerOf, callState } from './caller.ts'
import { Choice, Sheet } from './sheet.tsx'

const REASONS = ['call_failed', 'no_link', 'no_phone_in_vehicle']

interface Props {
  mission: MissionRow
  calls: readonly CallRow[]
  /** The number itself is needed; without it nobody may choose so here. */
  onNeeded?: () => void
}

export function Caller({ mission, calls, onNeeded }: Props) {
  const { number, masked } = callerOf(calls)
  const [shown, setShown] = useState('')
  if (number === '') return null
  const dialled = masked ? shown : number
  return dialled !== '' ? (
    <a
      className="tap crew-call"
      href={`tel:${dialled.replace(/[^\d+]/g, '')}`}
      data-testid="callback"
    >
      <Receiver />
      <b className="num">{dialled}</b>
    </a>
  ) : (
    <Masked
      mission={mission}
      number={number}
      onNumber={setShown}
      {...(onNeeded === undefined ? {} : { onNeeded })}
    />
  )
}

function Masked(props: {
  mission: MissionRow
  number: string
  onNumber: (number: string) => void
  onNeeded?: () => void
}) {
  const { mission, number, onNumber } = props
  const now = useNow()
  const limits = useLimits()
  const { send, busy, refusal } = useSend()
  const [problem, setProblem] = useState<Refusal | null>(null)
  const edge = useGet<EdgeStatus>('/api/edge/status', { every_ms: 2_000, stale_ms: 0 })
  const state = callState(
    mission.callback,
    edge.data?.connected ?? true,
    now,
    (limits?.callback_s ?? Number.POSITIVE_INFINITY) * 1000,
  )

  // The run says that the number was needed; it is fetched on its own and stands in no live row.
  useEffect(() => {
    if (!mission.number_shown) return
    let left = false
    post<{ number: string }>(`/api/callback/number?mission_id=${mission.id}`).then(
      (answer) => !left && onNumber(answer.number),
      (error: unknown) => !left && setProblem(asRefusal(error)),
    )
    return () => {
      left = true
    }
  }, [mission.id, mission.number_shown, onNumber])

  return (
    <div className="crew-caller">
      <button
        type="button"
        className="tap crew-call"
        disabled={busy || !mission.active || state === 'ringing' || state === 'offline'}
        aria-label={t('caller.ring')}
        onClick={() =>
          void send({ kind: 'mission.ask_callback', mission_id: mission.id, callback_id: uuid7() })
        }
        data-testid="callback"
      >
        <Receiver />
        <b className="num">{number}</b>
      </button>
      {state !== 'idle' && (
        <p role="status" data-testid="callback-state">
          {state === 'connected'
            ? t('caller.connected_at', { time: clockTime(mission.callback?.asked_ms ?? now) })
            : tOr(`caller.${state}`, state)}
          {props.onNeeded && state !== 'ringing' && state !== 'connected' && (
            <button
              type="button"
              className="tap"
              onClick={props.onNeeded}
              data-testid="show-number"
            >
              {t('caller.show')}
            </button>
          )}
        </p>
      )}
      <Refused refusal={refusal ?? problem} />
    </div>
  )
}

export function NumberSheet({ mission, onClose }: { mission: MissionRow; onClose: () => void }) {
  const [reason, setReason] = useState<string | null>(null)
  const { send, busy, refusal } = useSend()
  return (
    <Sheet
      title={t('caller.show')}
      onClose={onClose}
      testId="show-number-sheet"
      footer={
        <div className="crew-actions">
          <Refused refusal={refusal} />
          <button
            type="button"
            className="tap primary wide"
            disabled={busy || reason === null}
            onClick={async () => {
              const command = {
                kind: 'mission.show_number',
                mission_id: mission.id,
                reason: reason ?? '',
              } as const
              if (await send(command)) onClose()
            }}
            data-testid="show-number-go"
          >
            {t('caller.show')}
          </button>
        </div>
      }
    >
      <p>{t('caller.show_hint')}</p>
      <Choice
        label={t('caller.why')}
        value={reason}
        options={REASONS.map((value) => ({ value, label: t(`caller.reason.${value}`) }))}
        onChange={setReason}
        testId="show-number-why"
      />
    </Sheet>
  )
}

const asRefusal = (error: unknown): Refusal =>
  error instanceof Refusal ? error : new Refusal('unexpected', '', String(error))

const Receiver = () => (
  <svg viewBox="0 0 16 16" aria-hidden="true">
    <path
      d="M3.2 1.5 5.6 1l1.6 3.6-1.6 1.4c.7 1.8 2.2 3.3 4 4l1.400-1.600L14.600 10l-.5 2.400c-.2 1-1 1.600-2 1.600C6.600 13.600 2 9 1.600 3.500c0-1 .6-1.800 1.600-2z"
      fill="currentColor"
    />
  </svg>
)
