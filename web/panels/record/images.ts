/** A patient's ultrasound pictures: the list, the frames, and how long a line on one of them is. */
import { get, type ImageRegion, query, type StoredImage } from '@gh/contract'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'

const EVERY_MS = 5_000
/** Frames that are fetched side by side. */
const AT_ONCE = 4

export function useImages(patientId: string) {
  return useQuery({
    queryKey: ['images', patientId],
    queryFn: () => get<StoredImage[]>(`/api/images?patient_id=${encodeURIComponent(patientId)}`),
    refetchInterval: EVERY_MS,
    enabled: patientId !== '',
    placeholderData: (before) => (before?.length ? before : undefined),
  })
}

/** Pictures of a run of which nobody has said whose they are. */
export function useWaiting(missionId: string) {
  return useQuery({
    queryKey: ['images', 'waiting', missionId],
    queryFn: () => get<StoredImage[]>(query('/api/images/waiting', { mission_id: missionId })),
    refetchInterval: EVERY_MS,
    enabled: missionId !== '',
  })
}

export const waitingUrl = (image: StoredImage): string =>
  query(`/api/images/waiting/${image.origin.sha256}/frame`, {
    mission_id: image.origin.mission_id,
  })

const path = (image: StoredImage, patientId: string, rest: string): string =>
  `/api/images/${image.origin.sha256}/${rest}?patient_id=${encodeURIComponent(patientId)}`

export const frameUrl = (image: StoredImage, patientId: string, frame: number): string =>
  `${path(image, patientId, 'frame')}&number=${frame}`

export const fileUrl = (image: StoredImage, patientId: string): string =>
  path(image, patientId, 'file')

export interface Frames {
  /** As they came, by number; compressed, so that a long loop fits. */
  blobs: readonly (Blob | undefined)[]
  loaded: number
  failed: boolean
}

/** Every frame of a picture, fetched once while it is on the screen. */
export function useFrames(image: StoredImage, patientId: string): Frames {
  const blobs = useRef<(Blob | undefined)[]>([])
  const [loaded, setLoaded] = useState(0)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const stop = new AbortController()
    blobs.current = new Array(image.frames).fill(undefined)
    setLoaded(0)
    setFailed(false)
    let next = 0
    async function fetchSome() {
      while (next < image.frames && !stop.signal.aborted) {
        const frame = next++
        const answer = await fetch(frameUrl(image, patientId, frame), { signal: stop.signal })
        if (!answer.ok) throw new Error(`${answer.status}`)
        blobs.current[frame] = await answer.blob()
        setLoaded((n) => n + 1)
      }
    }
    Promise.all(Array.from({ length: AT_ONCE }, fetchSome)).catch(() => {
      if (!stop.signal.aborted) setFailed(true)
    })
    return () => stop.abort()
  }, [image, patientId])
  return { blobs: blobs.current, loaded, failed }
}

export interface Point {
  x: number
  y: number
}
export interface Line {
  from: Point
  to: Point
}

const holds = (region: ImageRegion, at: Point): boolean =>
  at.x >= region.left && at.x < region.right + 1 && at.y >= region.top && at.y < region.bottom + 1

/** In millimetres where one calibrated region holds both ends, else in pixels. */
export function lengthOf(
  line: Line,
  regions: readonly ImageRegion[],
): { unit: 'mm' | 'px'; n: number } {
  const region = regions.find((one) => holds(one, line.from) && holds(one, line.to))
  const x = line.to.x - line.from.x
  const y = line.to.y - line.from.y
  return region
    ? { unit: 'mm', n: Math.hypot(x * region.mm_per_px_x, y * region.mm_per_px_y) }
    : { unit: 'px', n: Math.hypot(x, y) }
}

/** Which frame stands after so long, forwards and again from the start. */
export const frameAt = (from: number, elapsed_ms: number, frame_ms: number, of: number): number =>
  (from + Math.floor(elapsed_ms / frame_ms)) % of

/** `20261126193015` as `11-26 19:30:15`, by the device's clock. */
export const deviceTime = (text: string): string =>
  text.length < 14
    ? text
    : `${text.slice(4, 6)}-${text.slice(6, 8)} ${text.slice(8, 10)}:${text.slice(10, 12)}:${text.slice(12, 14)}`
