//! The page: a scenario's text beside its picture, and the way from the one to the other.

use std::{cell::Cell, cell::RefCell, rc::Rc};

use postroom_simulator::limits::SCENARIO_BYTES_MAX;
use yew::prelude::*;

use super::{
    bench::{Bench, Pace},
    desk::{Desk, DeskCommand},
    drawer::{self, Drawer, Keeping},
    editor::{self, Stroke, editor},
    link::{self, Arrived},
    share::SHARE_PREFIX,
    shelf::Shelf,
    templates::{TEMPLATE_PREFIX, TEMPLATES, Template, template},
};
use crate::{
    app::{SANDBOX, Show, top},
    browser::{self, FileError, Listener, Timeout},
    panels::words::capitalised,
};

/// A pause of the reader's, in real milliseconds, after which the text is read.
const PAUSE_MS: u32 = 350;
/// Where the browser keeps the shelf.
const SHELF_KEY: &str = "postroom.sandbox";
/// What a file of the reader's own is.
const OWN_LEAD: &str = "A scenario of your own.";

/// What happens on the page.
pub(super) enum Msg {
    /// Something about the text.
    Stroke(Stroke),
    /// The reader has paused.
    Paused,
    /// A template was chosen.
    Pick(&'static Template),
    /// The address has changed.
    Moved,
    /// A link was unpacked.
    Arrived(Result<Arrived, String>),
    /// A drawer was pressed.
    Toggle(Drawer),
    /// The link to the text was made.
    LinkMade(Result<String, String>),
    /// The reader wants the link on the clipboard.
    Copy,
    /// It is there, or not.
    Copied(bool),
    /// Something about what is kept.
    Keeping(Keeping),
    /// A file was chosen.
    Choose(Event),
    /// It was read.
    FileRead(Result<String, FileError>),
    /// The text is to become a file.
    Download,
    /// The reader wants to get to the text, where it stands far below.
    ToText,
}

/// The page.
pub(super) struct Page {
    desk: Desk,
    bench: Option<Bench>,
    pace: Rc<Cell<Pace>>,
    /// Texts read so far.
    version: u64,
    pause: Option<Timeout>,
    drawer: Option<Drawer>,
    link: Option<Result<String, String>>,
    shelf: Result<Shelf, String>,
    name: String,
    /// What is to be said of the link that led here.
    remark: String,
    /// What just happened to the text, to be read once.
    notice: String,
    _moved: Option<Listener>,
}

impl Component for Page {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let moved = ctx.link().callback(|()| Msg::Moved);
        let mut page = Self {
            desk: Desk::default(),
            bench: None,
            pace: Rc::default(),
            version: 0,
            pause: None,
            drawer: None,
            link: None,
            shelf: read_shelf(),
            name: String::new(),
            remark: String::new(),
            notice: String::new(),
            _moved: browser::on_hash_change(move || moved.emit(())),
        };
        page.follow_address(ctx);
        page
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Stroke(stroke) => self.stroke(ctx, stroke),
            Msg::Paused => self.read(),
            Msg::Pick(template) => self.pick(template),
            Msg::Moved => self.follow_address(ctx),
            Msg::Arrived(arrived) => self.arrive(arrived),
            Msg::Toggle(drawer) => self.toggle(ctx, drawer),
            Msg::LinkMade(link) => self.link = Some(link),
            Msg::Copy => self.copy(ctx),
            Msg::Copied(true) => self.notice = "The link is on the clipboard.".to_owned(),
            Msg::Copied(false) => {
                self.notice = "This browser does not let pages copy: the link is in the field \
                               above, to be copied by hand."
                    .to_owned();
            }
            Msg::Keeping(keeping) => self.keep(keeping),
            Msg::Choose(event) => {
                let read = ctx.link().callback(Msg::FileRead);
                browser::spawn_local(async move {
                    if let Some(file) = browser::read_file(event, SCENARIO_BYTES_MAX).await {
                        read.emit(file);
                    }
                });
            }
            Msg::FileRead(Ok(text)) => self.load(text, OWN_LEAD),
            Msg::FileRead(Err(error)) => {
                self.notice = format!("{}.", capitalised(&error.to_string()))
            }
            Msg::Download => self.download(),
            Msg::ToText => browser::focus(editor::TEXT),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        html! {
            <div class="page">
                { top("./", SANDBOX, Html::default()) }
                <main class="sandbox">
                    { self.templates(ctx) }
                    <p class="lead">
                        { self.desk.lead() }
                        <button class="link to-text" onclick={ctx.link().callback(|_: MouseEvent| Msg::ToText)}>
                            { "Edit the text" }
                        </button>
                    </p>
                    <p class="notice" role="status">{ &self.remark }</p>
                    if let Some(bench) = &self.bench {
                        <Show<Bench>
                            key={bench.version}
                            version={bench.version}
                            scenario={bench.scenario.clone()}
                            scene={bench.scene.clone()}
                            pace={bench.pace.clone()}
                        />
                    } else {
                        <p class="bench card hint">
                            { if self.desk.mistake().is_some() {
                                "Nothing runs yet: mend the text first."
                            } else {
                                "The link is being opened…"
                            } }
                        </p>
                    }
                    { self.text(ctx) }
                </main>
            </div>
        }
    }
}

impl Page {
    fn stroke(&mut self, ctx: &Context<Self>, stroke: Stroke) {
        match stroke {
            Stroke::Type(text) => {
                self.forget_link();
                let now_ms = browser::now_ms();
                self.desk.apply(DeskCommand::Type { text, now_ms });
                let paused = ctx.link().callback(|()| Msg::Paused);
                self.pause = Some(Timeout::new(PAUSE_MS, move || paused.emit(())));
            }
            Stroke::Undo => self.go(DeskCommand::Undo),
            Stroke::Redo => self.go(DeskCommand::Redo),
            Stroke::ShowMistake => {
                let spot = self.desk.mistake().and_then(|mistake| mistake.spot.as_ref());
                if let Some(spot) = spot {
                    browser::select_in(editor::TEXT, spot.in_utf16(self.desk.text()));
                    browser::bring_into_view(editor::WRONG);
                }
            }
        }
    }

    /// Changes the text, and reads it without waiting for a pause.
    fn go(&mut self, command: DeskCommand) {
        self.forget_link();
        self.desk.apply(command);
        self.read();
    }

    fn read(&mut self) {
        self.pause = None;
        if let Some(opened) = self.desk.apply(DeskCommand::Read) {
            self.version += 1;
            self.bench = Some(Bench {
                version: self.version,
                scenario: opened.scenario,
                scene: Rc::new(RefCell::new(Some(opened.scene))),
                pace: Rc::clone(&self.pace),
            });
        }
    }

    fn load(&mut self, text: String, lead: &str) {
        self.notice.clear();
        self.remark.clear();
        self.go(DeskCommand::Load { text, lead: lead.to_owned() });
    }

    fn pick(&mut self, template: &Template) {
        self.load(template.document.to_owned(), template.purpose);
    }

    fn follow_address(&mut self, ctx: &Context<Self>) {
        let hash = browser::hash();
        if let Some(link) = hash.strip_prefix(SHARE_PREFIX) {
            let (link, arrived) = (link.to_owned(), ctx.link().callback(Msg::Arrived));
            browser::spawn_local(async move { arrived.emit(link::open(&link).await) });
        } else if let Some(template) = hash.strip_prefix(TEMPLATE_PREFIX).and_then(template) {
            self.pick(template);
        } else {
            self.begin_somewhere();
        }
    }

    fn begin_somewhere(&mut self) {
        if self.desk.text().is_empty() {
            self.pick(&TEMPLATES[0]);
        }
    }

    fn arrive(&mut self, arrived: Result<Arrived, String>) {
        match arrived {
            Ok(Arrived { text, remark }) => {
                self.load(text, "A scenario from a link.");
                self.remark = remark.unwrap_or_default().to_owned();
            }
            Err(why) => {
                self.begin_somewhere();
                self.remark = format!("{}.", capitalised(&why));
            }
        }
    }

    fn toggle(&mut self, ctx: &Context<Self>, drawer: Drawer) {
        self.notice.clear();
        self.drawer = if self.drawer == Some(drawer) { None } else { Some(drawer) };
        match self.drawer {
            Some(Drawer::Share) => self.make_link(ctx),
            Some(Drawer::Kept) => {
                self.shelf = read_shelf();
                self.name = self
                    .bench
                    .as_ref()
                    .map_or_else(String::new, |bench| bench.scenario.name.clone());
            }
            None => {}
        }
    }

    fn make_link(&mut self, ctx: &Context<Self>) {
        self.read();
        self.link = None;
        if self.desk.mistake().is_some() {
            let why = "the text has a mistake, and a link to it would open nothing: mend it first";
            self.link = Some(Err(why.to_owned()));
            return;
        }
        let (text, made) = (self.desk.text().to_owned(), ctx.link().callback(Msg::LinkMade));
        browser::spawn_local(async move { made.emit(link::make(&text).await) });
    }

    /// A link to another text than the one on the desk would be a trap.
    fn forget_link(&mut self) {
        if self.drawer == Some(Drawer::Share) {
            self.drawer = None;
        }
        self.link = None;
    }

    fn copy(&mut self, ctx: &Context<Self>) {
        if let Some(Ok(link)) = self.link.clone() {
            let copied = ctx.link().callback(Msg::Copied);
            browser::spawn_local(async move { copied.emit(browser::copy_text(link).await) });
        }
    }

    fn keep(&mut self, keeping: Keeping) {
        let Ok(shelf) = &self.shelf else { return };
        let (shelf, notice) = match keeping {
            Keeping::Name(name) => {
                self.name = name;
                return;
            }
            Keeping::Open(name) => {
                let kept = shelf.scenarios().iter().find(|kept| kept.name == name);
                if let Some(text) = kept.map(|kept| kept.text.clone()) {
                    self.load(text, OWN_LEAD);
                }
                return;
            }
            Keeping::Keep => (shelf.with(&self.name, self.desk.text()), "Kept"),
            Keeping::Delete(name) => (Ok(shelf.without(&name)), "Deleted"),
        };
        let kept = shelf.map_err(|error| error.to_string()).and_then(|shelf| {
            let stored = browser::store(SHELF_KEY, &shelf.to_json());
            stored.map(|()| shelf).map_err(|error| error.to_string())
        });
        self.notice = match kept {
            Ok(shelf) => {
                self.shelf = Ok(shelf);
                format!("{notice}.")
            }
            Err(why) => format!("That was not done: {why}."),
        };
    }

    fn download(&mut self) {
        let name = self.bench.as_ref().map_or("scenario", |bench| &bench.scenario.name);
        let name: String =
            name.chars().map(|each| if each.is_alphanumeric() { each } else { '-' }).collect();
        let has_begun = browser::download(&format!("{name}.json"), self.desk.text());
        self.notice =
            if has_begun { String::new() } else { "This browser downloads nothing.".to_owned() };
    }

    fn templates(&self, ctx: &Context<Self>) -> Html {
        html! {
            <div class="templates" role="group" aria-label="Start from">
                <span class="templates-title" aria-hidden="true">{ "Start from" }</span>
                { for TEMPLATES.iter().map(|template| {
                    let is_here = self.desk.text() == template.document;
                    let onclick = ctx.link().callback(move |_: MouseEvent| Msg::Pick(template));
                    html! {
                        <button
                            key={template.id}
                            id={format!("template-{}", template.id)}
                            class="template"
                            aria-pressed={is_here.to_string()}
                            title={template.purpose}
                            {onclick}
                        >
                            { template.name }
                        </button>
                    }
                }) }
            </div>
        }
    }

    fn text(&self, ctx: &Context<Self>) -> Html {
        html! {
            <section class="card editor" aria-labelledby="text-title">
                <div class="editor-head">
                    <h2 id="text-title">{ "The scenario as text" }</h2>
                    { self.tools(ctx) }
                </div>
                { match self.drawer {
                    Some(Drawer::Kept) => {
                        drawer::kept(&self.shelf, &self.name, &ctx.link().callback(Msg::Keeping))
                    }
                    Some(Drawer::Share) => {
                        let on_copy = ctx.link().callback(|()| Msg::Copy);
                        drawer::share(self.link.as_ref(), &on_copy)
                    }
                    None => Html::default(),
                } }
                <p class="notice" role="status">{ &self.notice }</p>
                { editor(&self.desk, &ctx.link().callback(Msg::Stroke)) }
            </section>
        }
    }

    fn tools(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let stroke =
            |stroke: Stroke| link.callback(move |_: MouseEvent| Msg::Stroke(stroke.clone()));
        let drawer = |drawer: Drawer, name: &'static str| {
            let is_open = self.drawer == Some(drawer);
            let onclick = link.callback(move |_: MouseEvent| Msg::Toggle(drawer));
            html! {
                <button class="quiet" aria-expanded={is_open.to_string()} aria-controls="drawer" {onclick}>
                    { name }
                </button>
            }
        };
        html! {
            <div class="editor-tools" role="toolbar" aria-label="Text">
                <button
                    class="quiet"
                    disabled={!self.desk.can_undo()}
                    aria-keyshortcuts="Control+Z"
                    onclick={stroke(Stroke::Undo)}
                >
                    { "Undo" }
                </button>
                <button
                    class="quiet"
                    disabled={!self.desk.can_redo()}
                    aria-keyshortcuts="Control+Shift+Z"
                    onclick={stroke(Stroke::Redo)}
                >
                    { "Redo" }
                </button>
                <label class="file">
                    { "Open file" }
                    <input
                        class="visually-hidden"
                        type="file"
                        accept=".json,application/json"
                        onchange={link.callback(Msg::Choose)}
                    />
                </label>
                <button class="quiet" onclick={link.callback(|_: MouseEvent| Msg::Download)}>
                    { "Download" }
                </button>
                { drawer(Drawer::Kept, "Kept") }
                { drawer(Drawer::Share, "Share") }
            </div>
        }
    }
}

fn read_shelf() -> Result<Shelf, String> {
    let text = browser::load(SHELF_KEY).map_err(|error| error.to_string())?;
    Shelf::from_json(text.as_deref()).map_err(|error| error.to_string())
}
