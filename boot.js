// Starts the page. External, since the page's content security policy allows no inline script.
try {
  const { default: start } = await import('./postroom-web.js');
  await start();
} catch (error) {
  const note = document.getElementById('starting');
  if (note) note.textContent = `Postroom could not start: ${error.message}. Reload the page, or use a current browser.`;
  throw error;
}
