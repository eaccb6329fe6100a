import type { TabletAnswer, TabletPosition } from '@gh/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { follow, type Means, missingWord, type PlaceWord, positionOf } from './position.ts'

const T = 1_795_000_000_000
/** The vehicle's clock before the tablet's. */
const AHEAD_MS = 40_000

const found = (change: Partial<GeolocationCoordinates> = {}, age_ms = 0): GeolocationPosition => {
  const coords = {
    latitude: 36.1,
    longitude: 113.1,
    accuracy: 12,
    altitude: null,
    altitudeAccuracy: null,
    heading: null,
    speed: null,
    ...change,
  }
  const timestamp = Date.now() - age_ms
  const made = { coords: { ...coords, toJSON: () => coords }, timestamp }
  return { ...made, toJSON: () => made }
}

const failure = (code: 1 | 2 | 3): GeolocationPositionError => ({
  code,
  message: '',
  PERMISSION_DENIED: 1,
  POSITION_UNAVAILABLE: 2,
  TIMEOUT: 3,
})

function tablet(answer: () => Promise<TabletAnswer> = () => Promise.resolve({ unheard: null })) {
  const told: TabletPosition[] = []
  const words: PlaceWord[] = []
  let watches = 0
  const geolocation = {
    watchPosition: vi.fn<Geolocation['watchPosition']>(() => ++watches),
    clearWatch: vi.fn<Geolocation['clearWatch']>(),
  }
  const browser = { granted: false }
  const means: Means = {
    geolocation,
    granted: () => Promise.resolve(browser.granted),
    tell: (position) => {
      told.push(position)
      return answer()
    },
    now: () => Date.now() + AHEAD_MS,
  }
  const stop = follow('A-01', means, (word) => words.push(word))
  const [take, fail] = geolocation.watchPosition.mock.calls[0] ?? []
  if (take === undefined || !fail) throw new Error('nobody watches')
  return { told, words, geolocation, browser, stop, take, fail }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.setSystemTime(T)
})
afterEach(() => vi.useRealTimers())

test('speed in km/h, a moment by the vehicle’s clock, and nothing that was not said', () => {
  expect(positionOf(found({ speed: 10, heading: 359.7 }, 1_500), 'A-01', T + AHEAD_MS)).toEqual({
    unit_id: 'A-01',
    point: { lat: 36.1, lon: 113.1 },
    accuracy_m: 12,
    speed_kmh: 36,
    heading_deg: 0,
    device_ms: T + AHEAD_MS - 1_500,
  })
  const silent = positionOf(found({ heading: Number.NaN }, -5_000), 'A-01', T)
  expect([silent.speed_kmh, silent.heading_deg, silent.device_ms]).toEqual([null, null, T])
})

test('at most every 5 s on the road, every 10 s where it stands', () => {
  const { told, take } = tablet()
  const at: number[] = []
  for (let second = 0; second < 40; second++) {
    const before = told.length
    take(found({ speed: second < 20 ? 14 : 0.2 }))
    if (told.length > before) at.push(second)
    vi.advanceTimersByTime(1_000)
  }
  expect(at).toEqual([0, 5, 10, 15, 25, 35])
})

test('a tablet that stands and is told nothing asks anew', async () => {
  const { told, take, geolocation } = tablet()
  await vi.advanceTimersByTimeAsync(30_000)
  // The person has not answered yet: nobody is asked twice.
  expect(geolocation.watchPosition).toHaveBeenCalledTimes(1)
  take(found())
  await vi.advanceTimersByTimeAsync(10_000)
  expect(geolocation.clearWatch.mock.calls).toEqual([[1]])
  geolocation.watchPosition.mock.calls[1]?.[0](found())
  expect(told.map((one) => one.device_ms - T - AHEAD_MS)).toEqual([30_000, 40_000])
})

test('who has refused is left in peace, until the settings say otherwise', async () => {
  const { fail, geolocation, browser } = tablet()
  fail(failure(1))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(geolocation.watchPosition).toHaveBeenCalledTimes(1)
  browser.granted = true
  // Once: a receiver may need its time.
  await vi.advanceTimersByTimeAsync(60_000)
  expect(geolocation.watchPosition).toHaveBeenCalledTimes(2)
})

test('what the browser and the vehicle say is shown, and why there is none', async () => {
  const answers: TabletAnswer[] = [{ unheard: 'terminal' }, { unheard: 'coarse' }]
  const { words, take, fail } = tablet(() => Promise.resolve(answers.shift() ?? { unheard: null }))
  fail(failure(1))
  fail(failure(2))
  for (let n = 0; n < 3; n++) {
    take(found())
    await vi.advanceTimersByTimeAsync(5_000)
  }
  expect(words).toEqual(['asked', 'refused', 'lost', 'terminal', 'coarse', 'used'])
  expect(words.map(missingWord)).toEqual([null, 'refused', 'lost', null, 'coarse', null])
})

test('a position that did not arrive is not told again, the next one is', async () => {
  const { told, take } = tablet(() => Promise.reject(new Error('no answer')))
  take(found())
  await vi.advanceTimersByTimeAsync(4_000)
  expect(told).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1_000)
  take(found({ latitude: 36.2 }))
  expect(told.map((one) => one.point.lat)).toEqual([36.1, 36.2])
})

test('who has logged out tells and shows nothing more', async () => {
  const { told, words, take, geolocation, stop } = tablet()
  take(found())
  stop()
  await vi.advanceTimersByTimeAsync(60_000)
  take(found())
  expect([told.length, words, geolocation.clearWatch.mock.calls]).toEqual([1, ['asked'], [[1]]])
  expect(geolocation.watchPosition).toHaveBeenCalledTimes(1)
})
