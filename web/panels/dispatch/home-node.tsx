/** Which node alone sends a unit: named, taken over, given away, each by a supervisor. */
import type { Command, UnitRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { There } from './nodes.tsx'

type Deed = 'take_over' | 'give' | 'name_home'

/** What a supervisor can do about it; empty where there is one node only. */
export function homeDeeds(unit: UnitRow, node: string, role: string): Deed[] {
  if (node === '' || role !== 'supervisor') return []
  if (unit.away) return ['take_over']
  return unit.home === '' ? ['give', 'name_home'] : ['give']
}

export function homeCommand(deed: Deed, unit_id: string, to: string, reason: string): Command {
  switch (deed) {
    case 'take_over':
      return { kind: 'unit.take_over', unit_id, reason }
    case 'give':
      return { kind: 'unit.give', unit_id, node: to, reason }
    case 'name_home':
      return { kind: 'unit.name_home', unit_id, node: to }
  }
}

export function HomeNode({ unit }: { unit: UnitRow }) {
  const session = useSession()
  const [deed, setDeed] = useState<Deed | null>(null)
  return (
    <>
      {unit.home === '' ? null : (
        <b className={unit.away ? 'gh-tag warn' : 'gh-tag'} data-testid="unit-home">
          {t('node.home', { node: unit.home })} · {t('node.epoch', { epoch: unit.epoch })}
        </b>
      )}
      {unit.away ? <There unit={unit} /> : null}
      {homeDeeds(unit, session?.node ?? '', session?.role ?? '').map((one) => (
        <Button key={one} onClick={() => setDeed(one)} data-testid={`unit-${one}`}>
          {t(`node.${one}`)}
        </Button>
      ))}
      {deed === null ? null : <HomeDialog unit={unit} deed={deed} onClose={() => setDeed(null)} />}
    </>
  )
}

function HomeDialog({ unit, deed, onClose }: { unit: UnitRow; deed: Deed; onClose: () => void }) {
  const { send, busy, refusal } = useSend()
  const [to, setTo] = useState('')
  const [reason, setReason] = useState('')
  const go = async () => {
    if (await send(homeCommand(deed, unit.id, to.trim(), reason.trim()))) onClose()
  }
  return (
    <Dialog
      title={t(`node.${deed}_title`, { unit: unit.call_sign })}
      onClose={onClose}
      testid="home-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="danger" busy={busy} onClick={() => void go()} data-testid="home-go">
            {t(`node.${deed}`)}
          </Button>
        </>
      }
    >
      <p>{t(`node.${deed}_means`, { node: unit.home })}</p>
      {deed === 'take_over' ? null : (
        <label className="gh-field">
          <span>{t('node.node')}</span>
          <input
            className="gh-input"
            value={to}
            maxLength={20}
            onChange={(event) => setTo(event.target.value)}
            data-testid="home-to"
          />
        </label>
      )}
      {deed === 'name_home' ? null : (
        <label className="gh-field">
          <span>{t('node.reason')}</span>
          <input
            className="gh-input"
            value={reason}
            maxLength={200}
            onChange={(event) => setReason(event.target.value)}
            data-testid="home-reason"
          />
        </label>
      )}
    </Dialog>
  )
}
