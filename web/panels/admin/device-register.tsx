/** Devices: those in the register, and those that speak and are in none. */
import type { Device, Org, StrangerRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button } from '@gh/ui'
import { useState } from 'react'
import { type Reading, useGet } from '../care/query.ts'
import { Devices } from './devices.tsx'
import { Strangers } from './strangers.tsx'

interface Props {
  devices: Reading<Device[]>
  orgs: readonly Org[]
  /** Only these organisations; null: all. */
  within: ReadonlySet<string> | null
}

export function DeviceRegister({ devices, orgs, within }: Props) {
  const [unknown, setUnknown] = useState(false)
  const strangers = useGet<StrangerRow[]>('/api/admin/strangers', { every_ms: 10_000 })
  const waiting = (strangers.data ?? []).filter((one) => one.dismissed_ms === null).length
  const turn = (
    <span className="gh-row">
      <Button on={!unknown} onClick={() => setUnknown(false)} data-testid="devices-registered">
        {t('admin.stranger.registered')}
      </Button>
      <Button on={unknown} onClick={() => setUnknown(true)} data-testid="devices-unknown">
        {t('admin.stranger.tab')}
        {waiting > 0 && <b className="un">{` ${waiting}`}</b>}
      </Button>
    </span>
  )
  return unknown ? (
    <Strangers
      strangers={strangers}
      orgs={orgs}
      within={within}
      turn={turn}
      onRegistered={() => void devices.refetch()}
    />
  ) : (
    <Devices devices={devices} orgs={orgs} within={within} turn={turn} />
  )
}
