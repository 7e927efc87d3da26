export type { Sandbox, SandboxOptions, SandboxRequest } from './options.ts';
export { startSandbox } from './server.ts';
export { fileStore } from './store.ts';
