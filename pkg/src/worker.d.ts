// The script of the engine's worker has nothing to import; its address is what `workerUrl` takes.
export {};
