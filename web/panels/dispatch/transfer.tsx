/** A case goes to another seat or centre: offered, taken, declined; and what the boards say of it. */
import { type CentreAnswer, get, type IncidentRow, type SeatAnswer } from '@gh/contract'
import { named, t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Refused } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ReasonDialog } from './case-dialogs.tsx'
import { useNodes } from './nodes.tsx'

const NONE: CentreAnswer[] = []
const HOUR_MS = 3_600_000

function useCentres(): CentreAnswer[] {
  const found = useQuery({
    queryKey: ['centres'],
    queryFn: () => get<CentreAnswer[]>('/api/centres'),
    staleTime: HOUR_MS,
  })
  return found.data ?? NONE
}

export interface Place {
  org: string
  seat: string
  /** The name of this node; empty: it is the only one. */
  node?: string
}

export type Standing =
  | 'mine'
  | 'ours'
  | 'theirs'
  | 'asked'
  | 'asking'
  | 'asked_elsewhere'
  | 'to_confirm'

/** A node as a case is offered to it. */
export const nodeOrg = (node: string): string => `node:${node}`

/** How a case stands to a seat: who leads it, and whether somebody is asked to take it. */
export function standingOf(incident: IncidentRow, me: Place): Standing {
  const { offer } = incident
  // Handed over by another node: nobody here has said yet that it is here.
  if (incident.moved && !incident.node) return 'to_confirm'
  if (offer !== null) {
    if (me.node && offer.org === nodeOrg(me.node)) return 'asked'
    if (offer.org === me.org && (offer.seat === '' || offer.seat === me.seat)) return 'asked'
    return incident.org === me.org ? 'asking' : 'asked_elsewhere'
  }
  if (incident.org !== me.org) return 'theirs'
  return incident.seat === me.seat ? 'mine' : 'ours'
}

function useMe(): Place {
  const session = useSession()
  return { org: session?.org ?? '', seat: session?.seat ?? '', node: session?.node ?? '' }
}

function useCentreName(): (org: string) => string {
  const centres = useCentres()
  return (org) => {
    const found = centres.find((one) => one.id === org)
    if (found === undefined && org.startsWith(nodeOrg(''))) {
      return t('node.light', { node: org.slice(nodeOrg('').length) })
    }
    return found ? named(found) : org
  }
}

/** On the boards: only what is not as usual. */
export function TransferTag({ incident }: { incident: IncidentRow }) {
  const me = useMe()
  const nameOf = useCentreName()
  const standing = standingOf(incident, me)
  const { offer } = incident
  if (standing === 'to_confirm') {
    return (
      <b className="gh-tag warn" data-testid="moved-tag">
        {t('moved.to_confirm')}
      </b>
    )
  }
  if (incident.node) {
    return (
      <span
        className={incident.moved || standing === 'asked' ? 'gh-tag warn' : 'gh-tag'}
        data-testid={incident.moved ? 'moved-tag' : 'node-tag'}
      >
        {t(incident.moved ? 'moved.unconfirmed' : 'node.light', { node: incident.node })}
        {standing === 'asked' ? ` · ${t('transfer.asked')}` : ''}
      </span>
    )
  }
  if (standing === 'mine' || standing === 'ours') return null
  if (offer === null) return <span className="gh-tag">{nameOf(incident.org)}</span>
  const to = offer.seat === '' ? nameOf(offer.org) : t('app.seat', { seat: offer.seat })
  return (
    <span className={standing === 'asked' ? 'gh-tag warn' : 'gh-tag'} data-testid="transfer-tag">
      {standing === 'asked' ? t('transfer.asked') : t('transfer.to', { to })}
    </span>
  )
}

/** In the head of the open case. */
export function Transfer({ incident }: { incident: IncidentRow }) {
  const me = useMe()
  const nameOf = useCentreName()
  const { send, busy, refusal, dismiss } = useSend()
  const [dialog, setDialog] = useState<'offer' | 'take' | 'decline' | null>(null)
  const standing = standingOf(incident, me)
  const { offer } = incident
  // Its own node leads it; here it is looked at, unless it is offered.
  if (incident.node && standing !== 'asked') return <TransferTag incident={incident} />
  const from = offer
    ? [incident.node || nameOf(offer.from_org), t('app.seat', { seat: offer.from_seat })].join(' ')
    : ''
  return (
    <>
      {standing === 'to_confirm' ? (
        <>
          <TransferTag incident={incident} />
          <Button
            look="primary"
            busy={busy}
            onClick={() => void send({ kind: 'incident.take', incident_id: incident.id })}
            data-testid="moved-take"
          >
            {t('transfer.take')}
          </Button>
        </>
      ) : null}
      {standing === 'asked' ? (
        <>
          <span className="gh-warnt gh-s" data-testid="transfer-asked">
            {t('transfer.from', { from, reason: offer?.reason ?? '' })}
          </span>
          <Button
            look="primary"
            busy={busy}
            onClick={() => void send({ kind: 'incident.take', incident_id: incident.id })}
            data-testid="transfer-take"
          >
            {t('transfer.take')}
          </Button>
          <Button onClick={() => setDialog('decline')} data-testid="transfer-decline">
            {t('transfer.decline')}
          </Button>
        </>
      ) : null}
      {standing === 'asking' ? (
        <>
          <TransferTag incident={incident} />
          <Button
            busy={busy}
            onClick={() => void send({ kind: 'incident.withdraw_offer', incident_id: incident.id })}
            data-testid="transfer-withdraw"
          >
            {t('transfer.withdraw')}
          </Button>
        </>
      ) : null}
      {standing === 'mine' || standing === 'ours' ? (
        <Button onClick={() => setDialog('offer')} data-testid="transfer-offer">
          {t('transfer.offer')}
        </Button>
      ) : null}
      {standing === 'ours' || standing === 'theirs' || standing === 'asked_elsewhere' ? (
        <>
          {standing === 'ours' ? null : <TransferTag incident={incident} />}
          <Button onClick={() => setDialog('take')} data-testid="transfer-take-over">
            {t('transfer.take_over')}
          </Button>
        </>
      ) : null}
      <Refused refusal={refusal} dismiss={dismiss} />
      {dialog === 'offer' ? (
        <OfferDialog incident={incident} me={me} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === 'take' ? (
        <ReasonDialog
          title={t('transfer.take_title', { number: incident.number })}
          choices={t('transfer.take_reasons').split('|')}
          command={(reason) => ({ kind: 'incident.take', incident_id: incident.id, reason })}
          onClose={() => setDialog(null)}
        >
          <p className="gh-m">{t('transfer.take_hint')}</p>
        </ReasonDialog>
      ) : null}
      {dialog === 'decline' ? (
        <ReasonDialog
          title={t('transfer.decline_title', { number: incident.number })}
          choices={t('transfer.decline_reasons').split('|')}
          command={(reason) => ({ kind: 'incident.decline', incident_id: incident.id, reason })}
          onClose={() => setDialog(null)}
        />
      ) : null}
    </>
  )
}

interface OfferProps {
  incident: IncidentRow
  me: Place
  onClose: () => void
}

/** To whom, and why; the case stays here until somebody takes it. */
function OfferDialog({ incident, me, onClose }: OfferProps) {
  const others = useCentres().filter((one) => one.id !== me.org)
  const seats = useQuery({ queryKey: ['seats'], queryFn: () => get<SeatAnswer[]>('/api/seats') })
  const colleagues = (seats.data ?? []).filter(
    (one) => one.org === me.org && one.seat !== incident.seat,
  )
  const nodes = useNodes()
  const places = [
    ...nodes.map((one) => ({
      key: nodeOrg(one.node),
      org: nodeOrg(one.node),
      seat: '',
      label: one.connected
        ? t('node.light', { node: one.node })
        : `${t('node.light', { node: one.node })} · ${t('moved.silent')}`,
    })),
    ...others.map((one) => ({ key: one.id, org: one.id, seat: '', label: named(one) })),
    ...colleagues.map((one) => ({
      key: `seat ${one.seat}`,
      org: me.org,
      seat: one.seat,
      label: `${t('app.seat', { seat: one.seat })} ${one.name} · ${t(`seats.${one.present ? 'present' : 'absent'}`)}`,
    })),
  ]
  const [key, setKey] = useState('')
  const place = places.find((one) => one.key === key)
  return (
    <ReasonDialog
      title={t('transfer.offer_title', { number: incident.number })}
      choices={place ? t('transfer.offer_reasons').split('|') : []}
      command={(reason) => ({
        kind: 'incident.offer',
        incident_id: incident.id,
        org: place?.org ?? '',
        seat: place?.seat ?? '',
        reason,
      })}
      onClose={onClose}
    >
      <p className="gh-m">{t('transfer.offer_hint')}</p>
      <label className="gh-field">
        <span>{t('transfer.whom')}</span>
        <select
          className="gh-input"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          data-lends-keys=""
          data-testid="transfer-whom"
        >
          <option value="">{t('transfer.choose')}</option>
          {places.map((one) => (
            <option key={one.key} value={one.key}>
              {one.label}
            </option>
          ))}
        </select>
      </label>
    </ReasonDialog>
  )
}
