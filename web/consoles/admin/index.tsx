/** Administration: people, roles, seats, second factors and sessions; organisations; devices; vehicles; rosters. */
import type { Device, Org, Person } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { useSession } from '@gh/session'
import { Header, useConsoleTheme } from '@gh/ui'
import { useState } from 'react'
import '../../panels/admin/admin.css'
import { DeviceRegister } from '../../panels/admin/device-register.tsx'
import { FleetRegister } from '../../panels/admin/fleet-register.tsx'
import { Orgs, Seats } from '../../panels/admin/orgs.tsx'
import { People } from '../../panels/admin/people.tsx'
import { RefusedCopies } from '../../panels/admin/refused-copies.tsx'
import { under } from '../../panels/admin/tree.ts'
import { useGet } from '../../panels/care/query.ts'
import { Roster } from '../../panels/roster/roster.tsx'

const TABS = ['people', 'devices', 'vehicles', 'roster', 'nodes'] as const

export default function AdminConsole() {
  useLang()
  useConsoleTheme('admin', 'light')
  const people = useGet<Person[]>('/api/admin/people', { every_ms: 10_000 })
  const orgs = useGet<Org[]>('/api/admin/orgs', { stale_ms: 60_000 })
  const devices = useGet<Device[]>('/api/admin/devices', { every_ms: 10_000 })
  const [chosen, setChosen] = useState('')
  const [tab, setTab] = useState<(typeof TABS)[number]>('people')
  const node = useSession()?.node
  const within = chosen === '' || orgs.data === undefined ? null : under(orgs.data, chosen)
  return (
    <div className="ad">
      <Header title={t('admin.title')} />
      <main className="ad-main">
        <div className="ad-side">
          <Orgs orgs={orgs} people={people.data ?? []} chosen={chosen} onChoose={setChosen} />
          <Seats people={people.data ?? []} />
        </div>
        <div className="ad-right">
          <div className="ad-tabs" role="tablist">
            {TABS.filter((name) => name !== 'nodes' || node).map((name) => (
              <button
                type="button"
                role="tab"
                key={name}
                aria-selected={tab === name}
                onClick={() => setTab(name)}
                data-testid={`tab-${name}`}
              >
                {t(`admin.tab.${name}`)}
              </button>
            ))}
          </div>
          {tab === 'people' ? (
            <People people={people} orgs={orgs.data ?? []} within={within} />
          ) : tab === 'vehicles' ? (
            <FleetRegister within={within} />
          ) : tab === 'roster' ? (
            <Roster within={within} />
          ) : tab === 'nodes' ? (
            <RefusedCopies />
          ) : (
            <DeviceRegister devices={devices} orgs={orgs.data ?? []} within={within} />
          )}
        </div>
      </main>
    </div>
  )
}
