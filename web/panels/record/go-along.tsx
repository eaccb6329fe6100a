/** Which files go along when a device's place is corrected: pictures by themselves, others by a tick. */
import { type FileRow, get, type PickedFile, query } from '@gh/contract'
import { t } from '@gh/i18n'
import { useQueries } from '@tanstack/react-query'
import { dayTime } from '../care/format.ts'
import './files.css'
import { capturedUrl, filesKey } from './files.ts'
import { followers, pickable, type Stretch, waitersAmong } from './following.ts'
import { useWaiting } from './images.ts'

interface Props extends Stretch {
  missionId: string
  /** The run's patients but the one of the correction: id, and how this screen calls them. */
  others: readonly { id: string; name: string }[]
  picked: readonly PickedFile[]
  onPick: (picked: PickedFile[]) => void
}

export function GoAlong({ missionId, others, picked, onPick, ...stretch }: Props) {
  const waiting = useWaiting(missionId).data ?? []
  const lists = useQueries({
    queries: others.map(({ id }) => ({
      queryKey: filesKey(id),
      queryFn: () => get<FileRow[]>(query('/api/files', { patient_id: id })),
    })),
  })
  const files = others.flatMap(({ id, name }, n) =>
    (lists[n]?.data ?? []).map((file) => ({ file, patient_id: id, name })),
  )
  const ticks = files.filter(({ file, patient_id }) => pickable(file, patient_id))
  const standing = files.map((one) => one.file)
  const follow = followers(standing, stretch) + waitersAmong(waiting, stretch)
  if (others.length === 0) return null
  const has = (patient_id: string, sha256: string) =>
    picked.some((one) => one.patient_id === patient_id && one.sha256 === sha256)
  return (
    <fieldset className="fl-along" data-testid="go-along">
      <legend>{t('files.go_along')}</legend>
      <p>{t('files.go_along_hint')}</p>
      {follow > 0 && (
        <p data-testid="go-along-follow">
          <b>{t('files.go_along_follow', { n: follow })}</b>
        </p>
      )}
      {ticks.length === 0 && <p>{t('files.go_along_none')}</p>}
      {ticks.map(({ file, patient_id, name }) => (
        <label key={`${patient_id}${file.sha256}`} data-testid={`along-${file.kind}`}>
          <input
            type="checkbox"
            checked={has(patient_id, file.sha256)}
            onChange={(event) => {
              const rest = picked.filter((one) => one.sha256 !== file.sha256)
              onPick(event.target.checked ? [...rest, { patient_id, sha256: file.sha256 }] : rest)
            }}
          />
          {file.kind === 'photo' && file.standing === 'here' && (
            <img src={capturedUrl(file, patient_id)} alt="" loading="lazy" />
          )}
          <span>
            <b>{file.caption ?? t(`file.kind.${file.kind}`)}</b>
            <small>
              {t(`file.kind.${file.kind}`)} · {dayTime(file.taken_ms)} · {name}
            </small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
