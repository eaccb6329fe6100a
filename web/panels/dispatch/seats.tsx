import { get, type SeatAnswer } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { useTable } from '@gh/live'
import { useQuery } from '@tanstack/react-query'
import { useDesk } from './desk.tsx'

const EVERY_MS = 10_000
const SIGNS = { talking: '☎', present: '○', absent: '–' } as const

/** The centre's seats: who talks, who is there, who is not. Nothing where the server cannot say. */
export function Seats() {
  const desk = useDesk()
  const calls = useTable('calls')
  const seats = useQuery({
    queryKey: ['seats'],
    queryFn: () => get<SeatAnswer[]>('/api/seats'),
    refetchInterval: EVERY_MS,
    placeholderData: (before) => before,
  })
  const talking = new Set(calls.filter((c) => c.state === 'answered').map((c) => c.owner))
  if (seats.data === undefined) return null
  return (
    <ul className="seats" aria-label={t('seats.title')} data-testid="seats">
      {seats.data.map((one) => {
        const state = talking.has(one.seat) ? 'talking' : one.present ? 'present' : 'absent'
        const words = `${t('app.seat', { seat: one.seat })} ${tOr(`role.${one.role}`, one.role)} ${one.name} · ${t(`seats.${state}`)}`
        return (
          <li
            key={`${one.seat}${one.name}`}
            className={`${state}${one.seat === desk.seat ? ' own' : ''}`}
            title={words}
          >
            <b>{one.seat}</b>
            <span aria-hidden="true">{SIGNS[state]}</span>
            <span className="gh-hidden">{words}</span>
          </li>
        )
      })}
    </ul>
  )
}
