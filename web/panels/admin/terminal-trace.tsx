/** A terminal's frames: the newest as they come, and page by page what was kept of older ones. */
import { type FramePage, type KeptFrame, query, type WireFrame } from '@gh/contract'
import { clockTime, dayTime, t } from '@gh/i18n'
import { Button, ErrorNote, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { useGet } from '../care/query.ts'

interface Props {
  path: string
  newest: readonly WireFrame[]
}

export function TerminalTrace({ path, newest }: Props) {
  // The oldest frame of the page before; null: the newest frames, live.
  const [before, setBefore] = useState<KeptFrame | 'first' | null>(null)
  const frames = [...newest].reverse()
  return (
    <div className="ad-trace" data-testid="terminal-trace">
      {before === null ? (
        <>
          <p className="gh-m gh-row">
            {t('terminal.trace', { n: frames.length })} <span className="gh-sp" />
            <Button onClick={() => setBefore('first')} data-testid="trace-older">
              {t('terminal.trace_older')}
            </Button>
          </p>
          <ol>
            {frames.map((frame) => (
              <Frame key={`${frame.n}`} frame={frame} />
            ))}
          </ol>
        </>
      ) : (
        <Older
          path={path}
          before={before === 'first' ? null : before}
          onOlder={setBefore}
          onNewest={() => setBefore(null)}
        />
      )}
    </div>
  )
}

interface OlderProps {
  path: string
  before: KeptFrame | null
  onOlder: (oldest: KeptFrame) => void
  onNewest: () => void
}

function Older({ path, before, onOlder, onNewest }: OlderProps) {
  const found = useGet<FramePage>(
    query(`${path}/frames`, { line_ms: before?.line_ms, n: before?.n }),
    { keep: true },
  )
  const page = found.data
  const last = page?.frames.at(-1)
  return (
    <>
      <p className="gh-m gh-row">
        {t('terminal.trace_page')} <span className="gh-sp" />
        {page?.more && last ? (
          <Button onClick={() => onOlder(last)} data-testid="trace-older">
            {t('terminal.trace_older')}
          </Button>
        ) : null}
        <Button onClick={onNewest} data-testid="trace-newest">
          {t('terminal.trace_newest')}
        </Button>
      </p>
      {page !== undefined ? (
        <FrameList page={page} before={before} />
      ) : found.isPending ? (
        <Skeleton rows={4} />
      ) : (
        <ErrorNote
          what={t('terminal.trace_failed')}
          works={t('admin.others_work')}
          retry={() => void found.refetch()}
        />
      )}
    </>
  )
}

/** With what is missing between two of them said in its place. */
export function FrameList({ page, before }: { page: FramePage; before: KeptFrame | null }) {
  const older = page.frames
  return (
    <>
      <ol data-testid="trace-kept">
        {older.map((frame, i) => {
          const newer = i === 0 ? before : older[i - 1]
          const missing = newer?.line_ms === frame.line_ms ? newer.n - frame.n - 1 : 0
          return [
            newer && newer.line_ms !== frame.line_ms ? (
              <li key={`line ${frame.line_ms}`} className="gh-m">
                {t('terminal.trace_line', { at: dayTime(frame.line_ms) })}
              </li>
            ) : null,
            missing > 0 ? (
              <li key={`gap ${frame.n}`} className="gh-warnt">
                {t('terminal.trace_gap', { n: missing })}
              </li>
            ) : null,
            <Frame key={`${frame.line_ms} ${frame.n}`} frame={frame} />,
          ]
        })}
      </ol>
      {page.more ? null : (
        <p className="gh-m" data-testid="trace-end">
          {t('terminal.trace_end', { most: page.most, days: page.days })}
        </p>
      )}
    </>
  )
}

function Frame({ frame }: { frame: WireFrame }) {
  return (
    <li>
      <span className="num">{clockTime(frame.at_ms)}</span> {frame.sent ? '↓' : '↑'}{' '}
      <code>{frame.hex}</code>
    </li>
  )
}
