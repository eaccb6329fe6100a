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

export interface Transfer {
  method: 'GET' | 'POST'
  path: string
  body?: Blob
  headers?: Record<string, string>
}

/** A file out or in, with how much of it has gone; throws the refusal, or that nobody answered. */
export function transfer(
  what: Transfer,
  onShare: (share: number) => void,
): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    // `fetch` does not tell how much of a body has gone.
    const sending = new XMLHttpRequest()
    sending.open(what.method, what.path)
    sending.responseType = 'blob'
    for (const [name, value] of Object.entries(what.headers ?? {}))
      sending.setRequestHeader(name, value)
    const told = (event: ProgressEvent) => {
      if (event.lengthComputable && event.total > 0) onShare(event.loaded / event.total)
    }
    if (what.method === 'POST') sending.upload.onprogress = told
    else sending.onprogress = told
    sending.onerror = () => reject(new NoAnswer())
    sending.onload = () => {
      if (sending.status >= 200 && sending.status < 300) return resolve(sending)
      const answer: Blob = sending.response
      answer
        .text()
        .then((text) => answerOf(sending.status, text, what.path))
        .catch(reject)
    }
    sending.send(what.body ?? null)
  })
}

/** To the server behind this page: at a vehicle its own disk, so no link is needed. */
export async function sendFile(
  file: Blob,
  about: Captured,
  onShare: (share: number) => void,
): Promise<FileOrigin> {
  const { media_type, caption, ...params } = about
  const path = query('/api/files', params)
  const headers: Record<string, string> = { 'content-type': media_type }
  if (caption !== '') headers['x-caption'] = encodeURIComponent(caption)
  const done = await transfer({ method: 'POST', path, body: file, headers }, onShare)
  return answerOf<FileOrigin>(done.status, await done.response.text(), path)
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
