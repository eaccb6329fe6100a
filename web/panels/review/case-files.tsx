/** The files of each patient of a case, for whoever reviews it. */
import type { LogRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSession } from '@gh/session'
import { Panel } from '@gh/ui'
import { EcgCompareButton } from '../record/ecg-compare.tsx'
import { Files } from '../record/files.tsx'

const HEAD = 'patient:'

export function CaseFiles({ events }: { events: readonly LogRow[] }) {
  const session = useSession()
  if (session?.role !== 'quality') return null
  const patients = new Set(events.map((e) => e.stream).filter((stream) => stream.startsWith(HEAD)))
  return [...patients].map((stream, place) => (
    <Panel key={stream} title={t('files.of_patient', { n: place + 1 })} testid="case-files">
      <Files patientId={stream.slice(HEAD.length)} withdraws={false} />
      <EcgCompareButton
        patientId={stream.slice(HEAD.length)}
        who={t('files.of_patient', { n: place + 1 })}
      />
    </Panel>
  ))
}
