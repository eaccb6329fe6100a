/** Administration: people, roles, seats, organisations, second factors, sessions. */
import type { Org, Person } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { Header, useConsoleTheme } from '@gh/ui'
import { useState } from 'react'
import '../../panels/admin/admin.css'
import { Orgs, Seats } from '../../panels/admin/orgs.tsx'
import { People } from '../../panels/admin/people.tsx'
import { under } from '../../panels/admin/tree.ts'
import { useGet } from '../../panels/care/query.ts'

export default function AdminConsole() {
  useLang()
  useConsoleTheme('admin', 'light')
  const people = useGet<Person[]>('/api/admin/people', { every_ms: 10_000 })
  const orgs = useGet<Org[]>('/api/admin/orgs', { stale_ms: 60_000 })
  const [chosen, setChosen] = useState('')
  return (
    <div className="ad">
      <Header title={t('admin.title')} />
      <main className="ad-main">
        <div className="ad-side">
          <Orgs orgs={orgs} people={people.data ?? []} chosen={chosen} onChoose={setChosen} />
          <Seats people={people.data ?? []} />
        </div>
        <People
          people={people}
          orgs={orgs.data ?? []}
          within={chosen === '' || orgs.data === undefined ? null : under(orgs.data, chosen)}
        />
      </main>
    </div>
  )
}
