// Starts the program that the page names. External, since the page's content security policy allows no inline script.

// The page's policy wants the address of a worker vouched for. These are all that there are.
const WORKERS = { keeper: './sw.js', sweeper: './sandbox-worker.js' };
let policy;
function vouched(name) {
  policy ??= globalThis.trustedTypes?.createPolicy('postroom', { createScriptURL: (it) => WORKERS[it] });
  return policy?.createScriptURL(name) ?? WORKERS[name];
}

// For the program, which names no script by itself.
globalThis.postroom = { worker: () => new Worker(vouched('sweeper'), { type: 'module' }) };

try {
  const { default: start } = await import(`./${document.documentElement.dataset.module}.js`);
  await start();
} catch (error) {
  const note = document.getElementById('starting');
  if (note) note.textContent = `Postroom could not start: ${error.message}. Reload the page, or use a current browser.`;
  throw error;
}

// For a visit without a network; where a browser forbids it, everything else works.
try {
  await navigator.serviceWorker?.register(vouched('keeper'));
} catch (error) {
  console.info(`Postroom is not kept for a visit without a network: ${error.message}`);
}
