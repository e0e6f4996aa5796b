// Keeps the pages for a visit without a network. What the network has comes first, so nobody sees an old page while there
// is a new one; what it has not comes from what was kept on the last visit.
const KEPT = 'postroom';
const FILES = [
  'index.html',
  'sandbox.html',
  'lessons.html',
  'boot.js',
  'sandbox-worker.js',
  'base.css',
  'stage.css',
  'page.css',
  'sandbox.css',
  'lessons.css',
  'icon.svg',
  'manifest.webmanifest',
  'postroom-web.js',
  'postroom-web_bg.wasm',
  'postroom-sandbox.js',
  'postroom-sandbox_bg.wasm',
  'postroom-lessons.js',
  'postroom-lessons_bg.wasm',
];
const HERE = new URL('./', self.location.href);
const FOLDER = new URL('./index.html', HERE);

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(keepAll());
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const file = fileOf(event.request);
  if (!file) return;
  const fresh = fetch(event.request);
  event.respondWith(fresh.catch((error) => kept(file).then((old) => old ?? Promise.reject(error))));
  // All of one moment, or none: files of two releases do not fit each other.
  if (event.request.mode === 'navigate') event.waitUntil(fresh.then(keepAll).catch(() => {}));
});

// The address under which a request's file is kept; none for what is no file of the pages, such as a call of the service.
function fileOf(request) {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== HERE.origin) return null;
  if (pathname === HERE.pathname) return FOLDER;
  const name = pathname.slice(HERE.pathname.length);
  return pathname.startsWith(HERE.pathname) && FILES.includes(name) ? new URL(name, HERE) : null;
}

async function keepAll() {
  await (await caches.open(KEPT)).addAll(FILES);
}

async function kept(file) {
  return (await caches.open(KEPT)).match(file);
}
