#!/usr/bin/env node
/**
 * The bin: runs the TypeScript sources through tsx, wherever it is called from.
 */
import { register } from 'tsx/esm/api';

register();
await import('../cli.ts');
