import { type AddressHit, get, type Point, query } from '@gh/contract'
import { metres, t } from '@gh/i18n'
import { Age, Button, ErrorNote, isTyping, useHotkeys } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useDesk } from './desk.tsx'

const DEBOUNCE_MS = 180
const CANDIDATES = 6
const ACCURACY_INDEX_M = 20
const ACCURACY_PIN_M = 30
/** The operator's own accuracy is not in the row; a cell of a town is about this wide. */
const ACCURACY_OPERATOR_M = 300

/** The command bar asks for an address search through this event. */
export const ADDRESS_EVENT = 'gh:address'

function useDebounced(text: string): string {
  const [value, setValue] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setValue(text), DEBOUNCE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return value
}

/** Where the patient is: typed and found, pinned on the map, or taken from the caller's phone. */
export function Address() {
  const desk = useDesk()
  const { incident, call } = desk
  const known = incident?.location ?? null
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const wanted = useDebounced(text.trim())
  const near = call?.location ?? known
  const search = useQuery({
    queryKey: ['address', wanted, near?.lat.toFixed(2), near?.lon.toFixed(2)],
    queryFn: () =>
      get<AddressHit[]>(
        query('/api/address/search', {
          q: wanted,
          lat: near?.lat,
          lon: near?.lon,
          limit: CANDIDATES,
        }),
      ),
    enabled: open && wanted.length > 0,
    placeholderData: (before) => before,
  })
  const hits = open && wanted !== '' ? (search.data ?? []) : []
  useHotkeys({
    F3: () => {
      input.current?.focus()
      input.current?.select()
    },
  })
  // A new call begins at its address, unless somebody is typing elsewhere.
  const here = call?.id ?? incident?.id ?? ''
  const unknown = known === null
  useEffect(() => {
    if (here !== '' && unknown && !isTyping()) input.current?.focus()
  }, [here, unknown])
  useEffect(() => {
    const listen = (event: Event) => {
      setText(String((event as CustomEvent<string>).detail))
      setOpen(true)
      input.current?.focus()
    }
    window.addEventListener(ADDRESS_EVENT, listen)
    return () => window.removeEventListener(ADDRESS_EVENT, listen)
  }, [])

  async function take(hit: AddressHit): Promise<void> {
    setOpen(false)
    setText('')
    input.current?.blur()
    await desk.setLocation(hit.label, hit.point, 'address_index', ACCURACY_INDEX_M)
  }

  function pin(): void {
    const typed = text.trim()
    desk.setPinning({
      place: (point: Point) => {
        desk.setPinning(null)
        void (async () => {
          const found = await get<AddressHit | null>(
            query('/api/address/reverse', { lat: point.lat, lon: point.lon }),
          ).catch(() => null)
          const near = found ? t('address.near', { label: found.label }) : t('address.pinned')
          setText('')
          await desk.setLocation(typed || near, point, 'map_pin', ACCURACY_PIN_M)
        })()
      },
    })
  }

  const offered = call?.location ?? null
  const sameAsOffered =
    known !== null && offered !== null && known.lat === offered.lat && known.lon === offered.lon
  return (
    <div className="address">
      {known ? (
        <div className="addr" data-testid="location">
          <span className="gh-ell">{known.label}</span>
          <span className="gh-tag">
            ±{metres(incident?.accuracy_m ?? 0)} ·{' '}
            {t(`location_source.${incident?.location_source || 'typed'}`)}
          </span>
        </div>
      ) : null}
      <div className="gh-row">
        <input
          ref={input}
          className={`gh-input${known ? '' : ' big'}`}
          placeholder={t(known ? 'address.change' : 'address.placeholder')}
          value={text}
          aria-label={t('address.placeholder')}
          onChange={(event) => {
            setText(event.target.value)
            setOpen(true)
            setChosen(0)
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setTimeout(() => setOpen(false), 150)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return
            if (event.key === 'ArrowDown') setChosen((n) => Math.min(n + 1, hits.length - 1))
            else if (event.key === 'ArrowUp') setChosen((n) => Math.max(n - 1, 0))
            else if (event.key === 'Enter') {
              const hit = hits[chosen]
              if (hit) void take(hit)
            } else if (event.key === 'Escape') input.current?.blur()
            else return
            event.preventDefault()
          }}
          data-testid="address-input"
        />
        <Button keycap="F3" onClick={() => input.current?.focus()}>
          {t('address.find')}
        </Button>
        <Button
          onClick={pin}
          on={desk.pinning !== null && desk.pinning.hint === undefined}
          data-testid="pin"
        >
          {t('address.pin')}
        </Button>
      </div>
      {open && wanted !== '' ? (
        <ul className="cands" data-testid="address-candidates">
          {hits.map((hit, i) => (
            <li key={`${hit.label}${hit.point.lat}${hit.point.lon}`}>
              <button
                type="button"
                className={`cand${i === chosen ? ' on' : ''}`}
                onMouseDown={(event) => {
                  event.preventDefault()
                  void take(hit)
                }}
                data-testid={`address-${i}`}
              >
                <span className="gh-ell">{hit.label}</span>
                <span className="gh-m gh-s">{t('address.indexed')}</span>
                {i === chosen ? <span className="gh-tag">↵</span> : <span />}
              </button>
            </li>
          ))}
          {search.isError ? (
            <li>
              <ErrorNote
                what={t('address.failed')}
                works={t('address.failed_works')}
                retry={() => void search.refetch()}
              />
            </li>
          ) : hits.length === 0 && !search.isFetching ? (
            <li className="gh-m cand">{t('address.none')}</li>
          ) : null}
        </ul>
      ) : null}
      {offered && !sameAsOffered ? (
        <div className="cand offered">
          <span className="gh-ell">
            <b>{t('address.caller')}</b> {offered.label || t('address.cell')}{' '}
            <span className="gh-m gh-s">
              <Age at_ms={call?.rang_ms} />
            </span>
          </span>
          <span className="gh-m gh-s">±{metres(ACCURACY_OPERATOR_M)}</span>
          <Button
            onClick={() =>
              void desk.setLocation(
                offered.label || t('address.cell'),
                offered,
                'operator',
                ACCURACY_OPERATOR_M,
              )
            }
            data-testid="take-caller-location"
          >
            {t('address.take')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}
