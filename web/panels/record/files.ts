/** A patient's files: the list, where one is fetched, and how a captured one is sent. */
import { answerOf, type FileOrigin, type FileRow, get, NoAnswer, query } from '@gh/contract'
import { useQuery } from '@tanstack/react-query'

const EVERY_MS = 5_000
const QUALITY = 0.85

export const filesKey = (patientId: string) => ['files', patientId]

export function useFiles(patientId: string) {
  return useQuery({
    queryKey: filesKey(patientId),
    queryFn: () => get<FileRow[]>(query('/api/files', { patient_id: patientId })),
    refetchInterval: EVERY_MS,
    enabled: patientId !== '',
  })
}

export const capturedUrl = (file: FileRow, patientId: string): string =>
  query(`/api/files/${file.sha256}`, { patient_id: patientId })

export interface Captured {
  patient_id: string
  kind: FileRow['kind']
  /** One that the release takes for this kind: what a file calls itself may be empty. */
  media_type: string
  taken_ms: number
  taken_source: FileRow['taken_source']
  caption: string
}

/** To the server behind this page: at a vehicle its own disk, so no link is needed. */
export function sendFile(
  file: Blob,
  about: Captured,
  onShare: (share: number) => void,
): Promise<FileOrigin> {
  const { media_type, caption, ...params } = about
  const path = query('/api/files', params)
  return new Promise((resolve, reject) => {
    // `fetch` does not tell how much of a body has gone.
    const sending = new XMLHttpRequest()
    sending.open('POST', path)
    sending.setRequestHeader('content-type', media_type)
    if (caption !== '') sending.setRequestHeader('x-caption', encodeURIComponent(caption))
    sending.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onShare(event.loaded / event.total)
    }
    sending.onerror = () => reject(new NoAnswer())
    sending.onload = () => {
      try {
        resolve(answerOf<FileOrigin>(sending.status, sending.responseText, path))
      } catch (error) {
        reject(error)
      }
    }
    sending.send(file)
  })
}

/** The size of a picture whose longer side is at most so long; none is made larger. */
export function fitted(
  width: number,
  height: number,
  most: number,
): { width: number; height: number } {
  const share = Math.min(1, most / Math.max(width, height, 1))
  return {
    width: Math.max(1, Math.round(width * share)),
    height: Math.max(1, Math.round(height * share)),
  }
}

/** A smaller JPEG of a picture, drawn anew: where and by which camera it was taken is gone. */
export async function photoOf(file: Blob, most: number): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const size = fitted(picture.width, picture.height, most)
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  canvas.getContext('2d')?.drawImage(picture, 0, 0, size.width, size.height)
  picture.close()
  return await new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('no picture')) : resolve(blob)),
      'image/jpeg',
      QUALITY,
    )
  })
}

/** `1.8 MB`: how long a file is, for people. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`
}
