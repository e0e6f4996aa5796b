// Starts the program that the page names. External, since the page's content security policy allows no inline script.
try {
  const { default: start } = await import(`./${document.documentElement.dataset.module}.js`);
  await start();
} catch (error) {
  const note = document.getElementById('starting');
  if (note) note.textContent = `Postroom could not start: ${error.message}. Reload the page, or use a current browser.`;
  throw error;
}

// For a visit without a network; where a browser forbids it, everything else works. The page's policy wants the address of
// a worker vouched for.
try {
  const vouch = globalThis.trustedTypes?.createPolicy('postroom', { createScriptURL: () => './sw.js' });
  await navigator.serviceWorker?.register(vouch?.createScriptURL('') ?? './sw.js');
} catch (error) {
  console.info(`Postroom is not kept for a visit without a network: ${error.message}`);
}
