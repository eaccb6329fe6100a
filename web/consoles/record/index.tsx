/** A patient's record on paper: the whole of it, from one answer of the server. */
import type { WholeRecord } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { useContent } from '@gh/live'
import { Button, Empty, ErrorNote, Skeleton, useConsoleTheme } from '@gh/ui'
import { useParams } from 'react-router'
import { codeOf, useGet } from '../../panels/care/query.ts'
import { Paper } from '../../panels/print/paper.tsx'
import { usePrint } from '../../panels/review/print.ts'
import '../../panels/print/print.css'

export default function RecordConsole() {
  const { lang, setLang } = useLang()
  useConsoleTheme('record', 'light')
  const { patient = '' } = useParams()
  const path = `/api/patients/${encodeURIComponent(patient)}/record`
  const whole = useGet<WholeRecord>(path)
  const content = useContent()
  const [printed, print] = usePrint()
  return (
    <div className="pr">
      <nav className="pr-bar gh-noprint">
        <Button
          look="primary"
          disabled={whole.data === undefined || content === undefined}
          onClick={() => void print()}
          data-testid="print"
        >
          {t('print.print')}
        </Button>
        <Button onClick={() => setLang(lang === 'en' ? 'zh-CN' : 'en')} data-testid="print-lang">
          {t('print.other_language')}
        </Button>
        <a className="gh-btn" href={`${path}.fhir.json`} download data-testid="fhir">
          {t('print.fhir')}
        </a>
        <span className="gh-m">{t('print.hint')}</span>
      </nav>
      {whole.isError ? (
        codeOf(whole.error) === 'absent' ? (
          <Empty title={t('print.absent')} />
        ) : (
          <ErrorNote
            what={t('print.failed')}
            works={t('print.failed_works')}
            retry={() => void whole.refetch()}
          />
        )
      ) : whole.data === undefined || content === undefined ? (
        <Skeleton rows={14} />
      ) : (
        <Paper whole={whole.data} content={content} printed_ms={printed} />
      )}
    </div>
  )
}
