import { defineConfig } from 'vitest/config';

/** `npm run test:clients`: real clients through the proxy. What is missing on the machine is skipped by name. */
export default defineConfig({
  test: { include: ['test/conformance/**/*.test.ts'], testTimeout: 60_000 },
});
