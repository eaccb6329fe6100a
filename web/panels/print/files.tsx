/** The files of a patient by their hashes: paper cannot show them, and says how to prove them. */
import type { WholeRecord } from '@gh/contract'
import { t } from '@gh/i18n'
import { dayTime } from '../care/format.ts'
import { sizeText, useFiles } from '../record/files.ts'
import { None, Section } from './paper.tsx'
import { useWriter } from './writer.ts'

export function FileList({ whole }: { whole: WholeRecord }) {
  const who = useWriter(whole)
  const files = useFiles(whole.patient.id)
  return (
    <Section title={t('files.title')}>
      {files.isError ? (
        <p className="pr-warn">{t('files.failed')}</p>
      ) : files.data === undefined || files.data.length === 0 ? (
        <None />
      ) : (
        <table className="pr-table" data-testid="print-files">
          <tbody>
            {files.data.map((file) => (
              <tr key={file.sha256}>
                <td className="num">{dayTime(file.taken_ms)}</td>
                <td>
                  <b>{t(`file.kind.${file.kind}`)}</b> {file.caption ?? ''}
                  {file.standing === 'erased' && ` · ${t('files.standing.erased')}`}
                </td>
                <td>{file.name || who(file.by) || file.device}</td>
                <td className="num">{sizeText(file.size_bytes)}</td>
                <td>
                  <code className="pr-hash">SHA-256 {file.sha256}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
