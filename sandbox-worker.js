// Runs the sandbox's program once more, beside the page: the page hands over what it has compiled already.
import start from './postroom-sandbox.js';

addEventListener('message', ({ data }) => start({ module_or_path: data }), { once: true });
