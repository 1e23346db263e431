import { defineConfig } from 'vitest/config';

/** `npm test`: everything but the real clients (`npm run test:clients`), which need Debian packages. */
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: ['test/conformance/**'], testTimeout: 20_000 },
});
