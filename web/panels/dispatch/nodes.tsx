/** The nodes beside this one: whether they answer, and how their units stood when they last did. */
import type { PeerStatus, PeerUnit, UnitRow } from '@gh/contract'
import { clockTime, duration, t, tOr } from '@gh/i18n'
import { useNow } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Dialog, type LinkLight } from '@gh/ui'
import { useState } from 'react'
import { useGet } from '../care/query.ts'

const ASK_MS = 2_000
const NONE: PeerStatus[] = []

/** Empty where this is the only node, and until the server has answered. */
export function useNodes(): PeerStatus[] {
  const path = useSession()?.node ? '/api/nodes' : null
  return useGet<PeerStatus[]>(path, { every_ms: ASK_MS, stale_ms: 0 }).data ?? NONE
}

/** For the header: each side sends its own units alone while it does not hear the other. */
export function nodesAlone(nodes: readonly PeerStatus[]): string | undefined {
  const silent = nodes.filter((one) => !one.connected).map((one) => one.node)
  return silent.length > 0 ? t('node.alone', { nodes: silent.join(t('ui.comma')) }) : undefined
}

const lastWord = (node: PeerStatus): string =>
  node.last_contact_ms === null
    ? t('node.never')
    : t('node.heard', { time: clockTime(node.last_contact_ms) })

export const nodeLights = (nodes: readonly PeerStatus[]): LinkLight[] =>
  nodes.map((one) => ({
    key: `node-${one.node}`,
    label: t('node.light', { node: one.node }),
    state: one.connected ? (one.refused > 0 ? 'warn' : 'ok') : 'bad',
    detail: one.connected
      ? one.refused > 0
        ? t('node.refused', { n: one.refused })
        : undefined
      : lastWord(one),
  }))

/** How another node's unit stands there, with the age of that word. */
export function thereText(unit: UnitRow, nodes: readonly PeerStatus[], now_ms: number): string {
  const node = nodes.find((one) => one.node === unit.home)
  const there = node?.units.find((one) => one.unit_id === unit.id)
  if (node?.last_contact_ms == null || there === undefined) return t('node.there_unknown')
  const age = duration(Math.max(0, now_ms - node.last_contact_ms) / 1000)
  return t('node.there', { state: tOr(`state.${there.state}`, there.state), age })
}

export function There({ unit }: { unit: UnitRow }) {
  const nodes = useNodes()
  const now = useNow()
  return (
    <span className="gh-m gh-s" data-testid="unit-there">
      {thereText(unit, nodes, now)}
    </span>
  )
}

/** Below this node's own vehicles. */
export function NodesButton() {
  const nodes = useNodes()
  const [open, setOpen] = useState(false)
  if (nodes.length === 0) return null
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="nodes-button">
        {t('node.board')}
      </Button>
      {open ? (
        <Dialog title={t('node.board')} onClose={() => setOpen(false)} testid="nodes-dialog">
          <p className="gh-m">{t('node.board_hint')}</p>
          {nodes.map((one) => (
            <Board key={one.node} node={one} />
          ))}
        </Dialog>
      ) : null}
    </>
  )
}

function Board({ node }: { node: PeerStatus }) {
  return (
    <section data-testid={`node-${node.node}`}>
      <h3>
        {t('node.light', { node: node.node })}{' '}
        <small className={node.connected ? 'gh-m' : 'gh-tag warn'}>{lastWord(node)}</small>
      </h3>
      {node.units.length === 0 ? (
        <p className="gh-m">{t('node.board_none')}</p>
      ) : (
        <table className="gh-table">
          <tbody>
            {node.units.map((unit) => (
              <Line key={unit.unit_id} unit={unit} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Line({ unit }: { unit: PeerUnit }) {
  const now = useNow()
  const fix_ms = unit.fix?.received_ms
  return (
    <tr>
      <td>
        <b>{unit.call_sign}</b>
      </td>
      <td>{tOr(`unit_kind.${unit.unit_kind}`, unit.unit_kind)}</td>
      <td>{unit.station_name}</td>
      <td>
        {tOr(`state.${unit.state}`, unit.state)} {clockTime(unit.since_ms)}
      </td>
      <td className="gh-m">
        {fix_ms === undefined
          ? t('crew.link.position_none')
          : duration(Math.max(0, now - fix_ms) / 1000)}
      </td>
    </tr>
  )
}
