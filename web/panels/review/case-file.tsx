/** One case in full: every stamp with its source, corrections with both values, intervals, events. */
import type { Interval, LogRow, Timeline, TimelineNode } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { useSession } from '@gh/session'
import { Button, Empty, ErrorNote, LevelBadge, Panel, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { Link } from 'react-router'
import { useLexicon } from '../care/content.tsx'
import { clockTime, dayOf, dayTime, span } from '../care/format.ts'
import { codeOf, useGet } from '../care/query.ts'
import { useWho } from '../care/who.ts'
import { source } from '../care/words.ts'
import { CaseFiles } from './case-files.tsx'
import { Completeness } from './completeness.tsx'
import { EventList } from './event-list.tsx'
import { MonitorDialog } from './monitor-dialog.tsx'
import { devicesIn } from './monitors.ts'
import { People } from './people.tsx'
import { usePrint } from './print.ts'
import { EvidenceDialog } from './proof.tsx'
import { intervalName, nodeName } from './words.ts'

export function CaseFile({ incidentId }: { incidentId: string }) {
  const timeline = useGet<Timeline>(`/api/cases/${encodeURIComponent(incidentId)}/timeline`, {
    every_ms: 30_000,
  })
  const lexicon = useLexicon()
  const session = useSession()
  const [printed, print] = usePrint()
  const [sealing, setSealing] = useState(false)
  const [moving, setMoving] = useState(false)
  if (timeline.isPending)
    return (
      <Panel title={t('review.case')}>
        <Skeleton rows={14} />
      </Panel>
    )
  if (timeline.isError)
    return (
      <Panel title={t('review.case')}>
        <ErrorNote
          what={t(codeOf(timeline.error) === 'absent' ? 'errors.absent' : 'review.case_failed')}
          works={t('review.list_works')}
          retry={() => void timeline.refetch()}
        />
      </Panel>
    )
  const { case: head, nodes, intervals, events, clocks, copies } = timeline.data
  // What another node records is corrected there.
  const ours = events.filter((event) => copies[event.stream] === undefined)
  return (
    <article className="rv-file" data-testid="case-file">
      <header className="gh-panel rv-head">
        <LevelBadge level={head.level} size="huge" />
        <div>
          <h1>
            {head.number} {head.occasion || lexicon.topic(head.topic)}
          </h1>
          <p className="gh-m">
            {head.label || t('ui.unknown')} · {head.call_signs.join(' ') || t('review.no_unit')}
            {head.hospital && ` → ${head.hospital}`}
          </p>
          {head.node !== '' && (
            <p className="gh-warnt" data-testid="of-node">
              {t('node.case_of', { node: head.node })} · {t('node.counted_at', { node: head.node })}
            </p>
          )}
        </div>
        <span className="gh-sp" />
        <p className="rv-when">
          {t('review.opened', { time: dayTime(head.opened_ms) })}
          <br />
          {head.closed_ms === null
            ? t('review.still_open')
            : t('review.closed', { time: dayTime(head.closed_ms) })}
        </p>
        <Link
          className="gh-btn primary gh-noprint"
          to={`/review/${head.incident_id}/replay`}
          data-testid="open-replay"
        >
          ▶ {t('review.replay')}
        </Link>
        {session?.role === 'quality' && (
          <Button
            className="gh-noprint"
            onClick={() => setSealing(true)}
            data-testid="open-evidence"
          >
            {t('review.evidence')}
          </Button>
        )}
        {session?.role === 'quality' && devicesIn(ours).length > 0 && (
          <Button
            className="gh-noprint"
            onClick={() => setMoving(true)}
            data-testid="open-monitors"
          >
            {t('monitor.swap')}
          </Button>
        )}
        <Button className="gh-noprint" onClick={() => void print()} data-testid="print">
          {t('review.print')}
        </Button>
      </header>
      <div className="rv-body">
        <Panel
          title={t('review.nodes')}
          extra={<span className="gh-m gh-s">{t('review.nodes_hint')}</span>}
          testid="nodes"
        >
          <Nodes nodes={nodes} events={events} day={dayOf(head.opened_ms)} />
        </Panel>
        <div className="rv-side">
          <Panel title={t('review.intervals')} testid="intervals">
            <Intervals intervals={intervals} />
          </Panel>
          <People
            incidentId={head.incident_id}
            copies={copies}
            onChanged={() => void timeline.refetch()}
          />
          <Completeness events={events} />
          <CaseFiles events={events} />
        </div>
        <EventList incidentId={head.incident_id} events={events} clocks={clocks} />
      </div>
      {moving && (
        <MonitorDialog
          events={ours}
          onDone={() => {
            setMoving(false)
            void timeline.refetch()
          }}
          onClose={() => setMoving(false)}
        />
      )}
      {sealing && (
        <EvidenceDialog
          incidentId={head.incident_id}
          number={head.number}
          clocks={clocks}
          onClose={() => setSealing(false)}
        />
      )}
      <footer className="rv-print-foot">
        {t('review.printed', {
          time: dayTime(printed || timeline.dataUpdatedAt),
          name: session?.name ?? '',
          org: session?.org_name ?? '',
        })}
      </footer>
    </article>
  )
}

interface NodesProps {
  nodes: readonly TimelineNode[]
  events: readonly LogRow[]
  day: string
}

function Nodes({ nodes, events, day }: NodesProps) {
  const who = useWho(events)
  if (nodes.length === 0) return <Empty title={t('review.no_nodes')} />
  const runs = new Set(nodes.map((n) => n.call_sign).filter(Boolean))
  return (
    <table className="rv-table">
      <thead>
        <tr>
          <th>{t('review.col_node')}</th>
          {runs.size > 1 && <th>{t('review.col_unit')}</th>}
          <th>{t('review.col_time')}</th>
          <th>{t('review.col_source')}</th>
          <th>{t('review.col_who')}</th>
          <th>{t('review.col_gap')}</th>
        </tr>
      </thead>
      <tbody>
        {nodes.map((node, i) => {
          const before = nodes[i - 1]
          return (
            <tr
              key={`${node.code}${node.call_sign}${node.at_ms}`}
              className={node.estimated ? 'late' : undefined}
            >
              <td>
                <b>{nodeName(node.code)}</b>{' '}
                {/^T\d/.test(node.code) && <span className="gh-m gh-s">{node.code}</span>}
              </td>
              {runs.size > 1 && <td>{node.call_sign}</td>}
              <td className="num">
                <b>{clockTime(node.at_ms)}</b>{' '}
                {dayOf(node.at_ms) !== day && (
                  <span className="gh-m gh-s">{dayOf(node.at_ms).slice(5)}</span>
                )}
                {node.original_ms !== null && (
                  <div className="rv-was">
                    {t('review.was')} <s>{clockTime(node.original_ms)}</s> · {t('ui.reason')}{' '}
                    {node.reason || '--'}
                  </div>
                )}
              </td>
              <td>
                {source(node.source)}{' '}
                {node.original_ms !== null && (
                  <span className="gh-tag warn">{t('review.corrected')}</span>
                )}
                {node.estimated && <span className="gh-tag assumed">{t('review.late')}</span>}
              </td>
              <td className="gh-m">{who(node.actor)}</td>
              <td className="num gh-m">
                {before === undefined ? '' : span((node.at_ms - before.at_ms) / 1000)}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function Intervals({ intervals }: { intervals: readonly Interval[] }) {
  if (intervals.length === 0) return <Empty title={t('review.no_intervals')} />
  return (
    <table className="rv-table rv-intervals">
      <thead>
        <tr>
          <th>{t('review.col_interval')}</th>
          <th>{t('review.col_value')}</th>
          <th>{t('review.col_target')}</th>
          <th aria-label={t('review.col_share')} />
          <th>{t('review.col_result')}</th>
        </tr>
      </thead>
      <tbody>
        {intervals.map((i) => {
          const over = i.seconds !== null && i.target_s !== null && i.seconds > i.target_s
          const share =
            i.seconds !== null && i.target_s ? Math.min(1.5, i.seconds / i.target_s) / 1.5 : 0
          return (
            <tr key={`${i.code}${i.call_sign}`}>
              <td>
                {intervalName(i.code)}{' '}
                {i.call_sign && <span className="gh-m gh-s">{i.call_sign}</span>}
              </td>
              <td className="num">
                <b>{i.seconds === null ? '--' : span(i.seconds)}</b>
              </td>
              <td className="num gh-m">{i.target_s === null ? '' : `≤ ${span(i.target_s)}`}</td>
              <td className="rv-bar-cell">
                {share > 0 && (
                  <i className="rv-bar">
                    <i style={{ width: `${share * 100}%` }} className={over ? 'over' : undefined} />
                    <s />
                  </i>
                )}
              </td>
              <td>
                {i.problem ? (
                  <b className="un">▲ {tOr(`review.problem.${i.problem}`, i.problem)}</b>
                ) : i.seconds === null ? (
                  <span className="gh-m">{t('review.no_value')}</span>
                ) : i.target_s === null ? (
                  ''
                ) : over ? (
                  <b className="bad">✕ {t('review.over', { by: span(i.seconds - i.target_s) })}</b>
                ) : (
                  <b className="ok">✓ {t('review.met')}</b>
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
