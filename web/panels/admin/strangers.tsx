/** Devices that speak and are in no register: nothing of them is taken until one is registered. */
import { type Org, type Refusal, request, type StrangerRow } from '@gh/contract'
import { dayTime, t, tOr } from '@gh/i18n'
import { useNow } from '@gh/live'
import { Button, Empty, ErrorNote, Refused, Skeleton } from '@gh/ui'
import { type ReactNode, useState } from 'react'
import { ageText } from '../care/format.ts'
import type { Reading } from '../care/query.ts'
import { DeviceDialog } from './device-dialog.tsx'
import { asRefusal } from './person-dialog.tsx'

interface Props {
  strangers: Reading<StrangerRow[]>
  orgs: readonly Org[]
  /** Only these organisations; null: all. */
  within: ReadonlySet<string> | null
  turn: ReactNode
  onRegistered: () => void
}

export function Strangers({ strangers, orgs, within, turn, onRegistered }: Props) {
  const [registering, setRegistering] = useState<StrangerRow | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const shown = (strangers.data ?? [])
    .filter((one) => within === null || one.place === '' || within.has(`unit:${one.place}`))
    .sort((a, b) => Number(a.dismissed_ms !== null) - Number(b.dismissed_ms !== null))
  const say = async (path: string, one: StrangerRow) => {
    setRefusal(null)
    try {
      const { place, way, device_id } = one
      await request('POST', `/api/admin/strangers/${path}`, { place, way, device_id })
    } catch (caught) {
      setRefusal(asRefusal(caught))
    }
    await strangers.refetch()
  }
  return (
    <section className="gh-panel ad-people" data-testid="strangers">
      <div className="gh-ph">
        <h2>{t('admin.stranger.title')}</h2>
        {strangers.data && (
          <span className="gh-m">{t('admin.n_devices', { n: shown.length })}</span>
        )}
        <span className="gh-sp" />
        <Refused refusal={refusal} />
        {turn}
      </div>
      <div className="gh-pb">
        {strangers.isPending ? (
          <Skeleton rows={6} />
        ) : strangers.isError ? (
          <ErrorNote
            what={t('admin.stranger.failed')}
            works={t('admin.others_work')}
            retry={() => void strangers.refetch()}
          />
        ) : shown.length === 0 ? (
          <Empty title={t('admin.stranger.none')} hint={t('admin.stranger.none_hint')} />
        ) : (
          <StrangerTable
            rows={shown}
            orgs={orgs}
            onRegister={setRegistering}
            onDismiss={(one) => void say('dismiss', one)}
            onTakeBack={(one) => void say('take-back', one)}
          />
        )}
      </div>
      {registering && (
        <DeviceDialog
          orgs={orgs}
          heard={{
            kind: registering.kind,
            device_id: registering.device_id,
            // Whose it is cannot be told where one computer serves several vehicles.
            unit_id: registering.others === 0 ? registering.place : '',
          }}
          onMade={() => {
            onRegistered()
            void strangers.refetch()
          }}
          onClose={() => setRegistering(null)}
        />
      )}
    </section>
  )
}

interface TableProps {
  rows: readonly StrangerRow[]
  orgs: readonly Org[]
  onRegister: (one: StrangerRow) => void
  onDismiss: (one: StrangerRow) => void
  onTakeBack: (one: StrangerRow) => void
}

export function StrangerTable({ rows, orgs, onRegister, onDismiss, onTakeBack }: TableProps) {
  const now = useNow()
  const sign = (unit: string) => orgs.find((o) => o.id === `unit:${unit}`)?.name ?? unit
  return (
    <table className="ad-table">
      <thead>
        <tr>
          <th>{t('admin.stranger.name')}</th>
          <th>{t('admin.stranger.where')}</th>
          <th>{t('admin.stranger.first')}</th>
          <th>{t('admin.stranger.last')}</th>
          <th>{t('admin.stranger.count')}</th>
          <th>{t('admin.stranger.reason')}</th>
          <th aria-label={t('admin.actions')} />
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr
            key={`${one.place}:${one.way}:${one.device_id}`}
            className={one.dismissed_ms === null ? undefined : 'off'}
            data-testid={`stranger-${one.way}-${one.device_id}`}
          >
            <td>
              <b className="num">{one.device_id}</b>
              <div className="gh-m">{t(`admin.stranger.way.${one.way}`)}</div>
            </td>
            <td>
              {one.place === '' ? t('admin.stranger.gateway') : sign(one.place)}
              {one.others > 0 && (
                <div className="gh-m">{t('admin.stranger.others', { n: one.others })}</div>
              )}
            </td>
            <td className="gh-m">{dayTime(one.first_ms)}</td>
            <td title={dayTime(one.heard_ms)}>
              {t('admin.ago', { age: ageText(now - one.heard_ms) })}
            </td>
            <td className="num">{one.count}</td>
            <td>{why(one, sign)}</td>
            <td className="ad-do">
              {one.dismissed_ms !== null ? (
                <Button onClick={() => onTakeBack(one)} data-testid={`take-back-${one.device_id}`}>
                  {t('admin.stranger.take_back')}
                </Button>
              ) : (
                <>
                  {one.kind === '' ? (
                    <span className="gh-m">{t(`admin.stranger.file.${one.way}`)}</span>
                  ) : (
                    <Button
                      look="primary"
                      onClick={() => onRegister(one)}
                      data-testid={`register-${one.device_id}`}
                    >
                      {t('admin.device_new')}
                    </Button>
                  )}
                  <Button onClick={() => onDismiss(one)} data-testid={`dismiss-${one.device_id}`}>
                    {t('admin.stranger.dismiss')}
                  </Button>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What the register says of it comes before what its last message was refused for. */
function why(one: StrangerRow, sign: (unit: string) => string): string {
  const reason = tOr(`admin.stranger.reason.${one.reason}`, one.reason)
  if (one.revoked) return `${t('admin.stranger.revoked', { unit: sign(one.holder) })} · ${reason}`
  if (one.holder !== '') {
    return `${t('admin.stranger.elsewhere', { unit: sign(one.holder) })} · ${reason}`
  }
  return reason
}
