import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const API = process.env.GOLDENHOUR_API ?? 'https://localhost:8443'

const HERE = fileURLToPath(new URL('./', import.meta.url))

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      {
        find: /^@gh\/(contract|session|live|i18n|ui|map|waveform)$/,
        replacement: `${HERE}packages/$1/src/index.ts`,
      },
    ],
  },
  // The browsers of hospitals are old: three years back.
  build: { outDir: 'dist', emptyOutDir: true, target: ['chrome109', 'firefox115', 'safari16.4'] },
  worker: { format: 'es' },
  server: {
    // `npm run dev` speaks to a running `make run`, whose certificate is signed by its own CA.
    proxy: {
      '/api': { target: API, secure: false, ws: true },
      '/tiles': { target: API, secure: false },
    },
  },
  test: { environment: 'happy-dom', include: ['{packages,panels,consoles}/**/*.test.{ts,tsx}'] },
})
