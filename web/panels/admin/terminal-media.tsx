/** What a terminal took, the newest first; a picture is seen when somebody asks to see it. */
import {
  type Announced,
  type MediaPage,
  type MediaRow,
  type OrderRow,
  query,
  type Refusal,
  request,
} from '@gh/contract'
import { dayTime, t, tOr } from '@gh/i18n'
import { uuid7 } from '@gh/live'
import { Button, Empty, ErrorNote, Refused, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { useGet } from '../care/query.ts'
import { sizeText } from '../record/files.ts'
import { asRefusal, Field } from './person-dialog.tsx'

const LOOK_MS = 4_000
const PLACE_DIGITS = 5

interface Props {
  path: string
  orders: readonly OrderRow[]
  onAsked: () => void
}

export function TerminalMedia({ path, orders, onAsked }: Props) {
  const [before, setBefore] = useState<number | null>(null)
  const found = useGet<MediaPage>(query(`${path}/media`, { before_ms: before ?? undefined }), {
    every_ms: LOOK_MS,
    stale_ms: 0,
    keep: true,
  })
  return (
    <section className="ad-media" data-testid="terminal-media">
      <TakePicture
        path={path}
        last={orders.find((row) => row.order.kind === 'take_picture')}
        onAsked={onAsked}
      />
      {found.data !== undefined ? (
        <Page
          path={path}
          page={found.data}
          newest={before === null}
          onOlder={setBefore}
          onNewest={() => setBefore(null)}
        />
      ) : found.isPending ? (
        <Skeleton rows={2} />
      ) : (
        <ErrorNote
          what={t('terminal.media.failed')}
          works={t('admin.others_work')}
          retry={() => void found.refetch()}
        />
      )}
    </section>
  )
}

interface TakeProps {
  path: string
  last: OrderRow | undefined
  onAsked: () => void
}

function TakePicture({ path, last, onAsked }: TakeProps) {
  const [channel, setChannel] = useState('1')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)

  async function take() {
    setBusy(true)
    setRefusal(null)
    try {
      await request('POST', `${path}/orders`, {
        id: uuid7(),
        order: { kind: 'take_picture', channel: Number(channel) || 0 },
      })
      onAsked()
    } catch (caught) {
      setRefusal(asRefusal(caught))
    } finally {
      setBusy(false)
    }
  }

  return (
    <form
      className="ad-form"
      onSubmit={(event) => {
        event.preventDefault()
        void take()
      }}
    >
      <Field label={t('terminal.media.channel')}>
        <input
          className="gh-input"
          value={channel}
          inputMode="numeric"
          autoComplete="off"
          onChange={(event) => setChannel(event.target.value)}
          data-testid="picture-channel"
        />
      </Field>
      <div className="ad-form-do">
        <Refused refusal={refusal} />
        {last !== undefined && (
          <span
            className={last.outcome === 'done' ? 'ok' : last.outcome === '' ? 'gh-m' : 'un'}
            data-testid="picture-outcome"
          >
            {t('terminal.media.last', { n: last.order.channel })}{' '}
            {t(`terminal.outcome.${last.outcome || 'waiting'}`)}
          </span>
        )}
        <Button submit busy={busy} data-testid="picture-take">
          {t('terminal.media.take')}
        </Button>
      </div>
    </form>
  )
}

interface PageProps {
  path: string
  page: MediaPage
  newest: boolean
  onOlder: (before_ms: number) => void
  onNewest: () => void
}

function Page({ path, page, newest, onOlder, onNewest }: PageProps) {
  const [seen, setSeen] = useState('')
  const oldest = page.rows.at(-1)
  const announced = newest ? page.announced : []
  if (newest && oldest === undefined && announced.length === 0) {
    return <Empty title={t('terminal.media.none')} hint={t('terminal.media.none_hint')} />
  }
  return (
    <>
      <ul>
        {announced.map((one) => (
          <li key={one.media_id} className="gh-m" data-testid="media-announced">
            <span className="num">{dayTime(one.heard_ms)}</span> {wordsOf(one)} ·{' '}
            {t('terminal.media.announced')}
          </li>
        ))}
        {page.rows.map((row) => {
          const key = `${row.media_id}/${row.sha256}`
          return (
            <Row
              key={key}
              row={row}
              url={`${path}/media/${key}`}
              open={seen === key}
              onToggle={() => setSeen(seen === key ? '' : key)}
            />
          )
        })}
      </ul>
      <div className="ad-form-do">
        {!newest && (
          <Button onClick={onNewest} data-testid="media-newest">
            {t('terminal.media.newest')}
          </Button>
        )}
        {page.older && oldest !== undefined && (
          <Button onClick={() => onOlder(oldest.received_ms)} data-testid="media-older">
            {t('terminal.media.older')}
          </Button>
        )}
      </div>
    </>
  )
}

/** Why, what and by which channel; a code without a word is told as it came. */
function wordsOf(one: MediaRow | Announced): string {
  const word = (of: string, code: string) =>
    tOr(`terminal.media.${of}.${code}`, t('terminal.media.code', { code }))
  return [
    word('occasion', one.occasion),
    word('kind', one.kind),
    t('terminal.media.by', { n: one.channel }),
  ].join(' · ')
}

interface RowProps {
  row: MediaRow
  url: string
  open: boolean
  onToggle: () => void
}

function Row({ row, url, open, onToggle }: RowProps) {
  const { point } = row
  const place = point && `${point.lat.toFixed(PLACE_DIGITS)}, ${point.lon.toFixed(PLACE_DIGITS)}`
  const taken = row.taken_ms === null ? '--' : dayTime(row.taken_ms)
  return (
    <li data-testid={`media-${row.media_id}`}>
      <div>
        <span className="num">{dayTime(row.received_ms)}</span> <b>{wordsOf(row)}</b>{' '}
        <span className="gh-m">
          {row.format} · {sizeText(row.size_bytes)} · {t('terminal.media.taken', { at: taken })} ·{' '}
          {place ?? t('terminal.media.no_place')} · {row.unit_id}
        </span>
      </div>
      {row.erased ? (
        <span className="gh-m">{t('terminal.media.erased')}</span>
      ) : (
        <div className="ad-media-do">
          {row.media_type !== '' && (
            <Button onClick={onToggle} data-testid="media-view">
              {t(open ? 'terminal.media.hide' : 'terminal.media.view')}
            </Button>
          )}
          <a
            className="gh-btn"
            href={query(url, { download: 'true' })}
            download
            data-testid="media-file"
          >
            {t('terminal.media.file')}
          </a>
        </div>
      )}
      {open && <Picture url={url} alt={wordsOf(row)} />}
    </li>
  )
}

/** It begins like a picture; whether it is one the browser finds out. */
function Picture({ url, alt }: { url: string; alt: string }) {
  const [broken, setBroken] = useState(false)
  return broken ? (
    <p className="un" data-testid="media-broken">
      {t('terminal.media.broken')}
    </p>
  ) : (
    <img src={url} alt={alt} onError={() => setBroken(true)} data-testid="media-picture" />
  )
}
