//! The page: a scenario's text beside its picture, and the way from the one to the other.

mod building;
mod draft;
mod embedded;
mod keeping;
mod view;

use std::{borrow::Cow, cell::Cell, cell::RefCell, rc::Rc};

use postroom_simulator::limits::SCENARIO_BYTES_MAX;
use yew::prelude::*;

use self::building::chosen;
use super::{
    as_rust::program,
    bench::{Bench, Pace},
    build::{Built, Part},
    compare::{Kept, KeptCommand},
    desk::{Desk, DeskCommand, end_of_change},
    drawer::{Drawer, Keeping},
    editor::{self, Stroke},
    embed::{News, Wish, wish},
    goals::Last,
    link::{self, Arrived},
    proof::Finding,
    share::SHARE_PREFIX,
    shelf::Shelf,
    templates::{TEMPLATES, Template, template},
    text::{TOO_LARGE, fits, units, with_seed},
};
use crate::{
    app::{SANDBOX, Show, TEMPLATE_PREFIX, top},
    browser::{self, FileError, Listener, Timeout},
    panels::words::{self, capitalised},
    player::PlayerCommand,
    stage::{Drawn, Moved, Selection},
};

/// A pause of the reader's, in real milliseconds, after which the text is read.
const PAUSE_MS: u32 = 350;
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
    Elsewhere,
    /// A link was unpacked.
    Arrived(Result<Arrived, String>),
    /// A drawer was pressed.
    Toggle(Drawer),
    /// The drawer is to be closed.
    Close,
    /// The link to the text was made.
    LinkMade(Result<String, String>),
    /// The reader wants what the drawer shows on the clipboard.
    Copy,
    /// It is there, or not.
    Copied(bool),
    /// Something about what is kept.
    Keeping(Keeping),
    /// A file was chosen.
    Choose(Event),
    /// It was read.
    FileRead(Result<String, FileError>),
    /// The reader wants to see where a goal is not met.
    See(Finding),
    /// Something about the scenario that is kept as A.
    KeepA(KeptCommand),
    /// The page around this one wants something.
    Wished(Result<Wish, String>),
    /// The text is to become a file.
    Download,
    /// The program is to become a file.
    DownloadProgram,
    /// Something was built by hand.
    Built(Built),
    /// A part was moved in the picture.
    Moved(Moved),
    /// The reader begins with nothing.
    New,
    /// The reader wants to get to the text, where it stands far below.
    ToText,
    /// A text was not put into the field, since it is too large.
    TooLarge,
}

/// The page.
pub(super) struct Page {
    desk: Desk,
    bench: Option<Bench>,
    pace: Rc<Cell<Pace>>,
    on_finding: Callback<Finding>,
    /// What was answered last about goals.
    answered: Last,
    /// What is to be seen once the text is read.
    finding: Option<Finding>,
    /// The run begins again, even if it is the same one.
    is_anew: bool,
    kept: Option<Rc<Kept>>,
    on_keep: Callback<KeptCommand>,
    /// Tells the bench what the reader may tell it.
    on_command: Rc<RefCell<Option<Callback<PlayerCommand>>>>,
    /// The text that the address named.
    arrived: Option<String>,
    is_embedded: bool,
    /// The page around this one has chosen what is shown.
    is_chosen_outside: bool,
    /// A draft was kept on this visit.
    has_drafted: bool,
    /// Texts read so far.
    version: u64,
    pause: Option<Timeout>,
    drawer: Option<Drawer>,
    link: Option<Result<String, String>>,
    shelf: Result<Shelf, String>,
    name: String,
    /// Where the caret belongs once the page is drawn, in UTF-16 units.
    caret: Option<usize>,
    /// What has the focus once the page is drawn.
    focus: Option<Cow<'static, str>>,
    /// Which part of the picture has it, once that is drawn.
    focus_part: Option<String>,
    /// What is chosen in the picture once it is drawn.
    chosen: Option<Part>,
    /// What was built last, in words.
    built: String,
    on_built: Callback<Built>,
    on_move: Callback<Moved>,
    /// What is to be said of the link that led here.
    remark: String,
    /// What just happened to the text, to be read once.
    notice: String,
    _moved: Option<Listener>,
    _wished: Option<Listener>,
    _inserted: Option<Listener>,
}

impl Component for Page {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let moved = ctx.link().callback(|()| Msg::Elsewhere);
        let wished = ctx.link().callback(Msg::Wished);
        let too_large = ctx.link().callback(|()| Msg::TooLarge);
        let is_embedded = browser::is_embedded();
        let mut page = Self {
            desk: Desk::default(),
            bench: None,
            pace: Rc::default(),
            on_finding: ctx.link().callback(Msg::See),
            answered: Last::default(),
            finding: None,
            is_anew: false,
            kept: None,
            on_keep: ctx.link().callback(Msg::KeepA),
            on_command: Rc::default(),
            arrived: None,
            is_embedded,
            is_chosen_outside: false,
            has_drafted: false,
            version: 0,
            pause: None,
            drawer: None,
            link: None,
            shelf: keeping::read_shelf(),
            name: String::new(),
            caret: None,
            focus: None,
            focus_part: None,
            chosen: None,
            built: String::new(),
            on_built: ctx.link().callback(Msg::Built),
            on_move: ctx.link().callback(Msg::Moved),
            remark: String::new(),
            notice: String::new(),
            _moved: browser::on_hash_change(move || moved.emit(())),
            _wished: is_embedded
                .then(|| {
                    browser::on_message_from_parent(move |it| {
                        _ = wish(&it).map(|it| wished.emit(it))
                    })
                })
                .flatten(),
            _inserted: browser::on_insertion(move |text| {
                let is_refused = !fits(text);
                if is_refused {
                    too_large.emit(());
                }
                is_refused
            }),
        };
        page.follow_address(ctx);
        if is_embedded && page.bench.is_some() {
            page.make_whole_link(ctx);
            embedded::tell(&News::Ready);
        }
        page
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let version = self.version;
        match msg {
            Msg::Stroke(stroke) => self.stroke(ctx, stroke),
            Msg::Paused => self.read(),
            Msg::Pick(template) => {
                draft::forget_draft();
                self.pick(template);
            }
            Msg::Elsewhere => self.follow_address(ctx),
            Msg::Arrived(_) if self.is_chosen_outside => {}
            Msg::Arrived(arrived) => {
                let why_not = arrived.as_ref().err().cloned();
                self.arrive(arrived);
                if self.is_embedded {
                    self.tell_arrived(why_not);
                }
            }
            Msg::Toggle(drawer) => self.toggle(ctx, drawer),
            Msg::Close => {
                self.focus = self.drawer.take().map(|drawer| drawer.button().into());
            }
            Msg::LinkMade(link) => self.link = Some(link),
            Msg::Copy => self.copy(ctx),
            Msg::Copied(true) => self.notice = "It is on the clipboard.".to_owned(),
            Msg::Copied(false) => {
                self.notice = "This browser does not let pages copy: it stands above, to be \
                               copied by hand."
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
            Msg::See(finding) => self.see(finding),
            Msg::KeepA(keeping) => self.keep_a(keeping),
            Msg::Wished(wish) => self.grant(wish),
            Msg::Download => {
                let text = self.desk.text().to_owned();
                self.download(&format!("{}.json", self.file_name()), &text);
            }
            Msg::DownloadProgram => {
                if let Some(program) = self.program() {
                    self.download("main.rs", &program);
                }
            }
            Msg::Built(built) => self.build(built),
            Msg::Moved(moved) => self.keep_place(moved),
            Msg::New => self.begin_anew(),
            Msg::ToText => browser::focus(editor::TEXT),
            Msg::TooLarge => self.refuse_size(),
        }
        if self.is_embedded && self.version != version {
            self.make_whole_link(ctx);
        }
        true
    }

    fn rendered(&mut self, _: &Context<Self>, _first: bool) {
        if let Some(caret) = self.caret.take() {
            browser::select_in(editor::TEXT, caret..caret);
        }
        if let Some(id) = self.focus.take() {
            browser::focus(&id);
        }
        if let Some(mark) = self.focus_part.take() {
            building::focus_on_part(mark, building::LOOKS);
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        if self.is_embedded {
            return self.embedded();
        }
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
                    <div class="visually-hidden" aria-live="polite">{ &self.built }</div>
                    if let Some(bench) = &self.bench {
                        <Show<Bench> key={bench.version} ..bench.clone() />
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
            Stroke::Type(text) if !fits(&text) => self.refuse_size(),
            Stroke::Type(text) => {
                self.notice.clear();
                self.forget_link();
                let now_ms = browser::now_ms();
                self.desk.apply(DeskCommand::Type { text, now_ms });
                let paused = ctx.link().callback(|()| Msg::Paused);
                self.pause = Some(Timeout::new(PAUSE_MS, move || paused.emit(())));
            }
            Stroke::Undo => self.go_along(DeskCommand::Undo),
            Stroke::Redo => self.go_along(DeskCommand::Redo),
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

    /// The same along the versions; whoever writes finds the caret where the text has changed.
    fn go_along(&mut self, command: DeskCommand) {
        let before = self.desk.text().to_owned();
        self.go(command);
        if browser::has_focus(editor::TEXT) {
            let text = self.desk.text();
            self.caret = Some(units(text, end_of_change(&before, text)));
        }
    }

    fn read(&mut self) {
        self.pause = None;
        if !self.is_embedded {
            self.keep_draft();
        }
        if let Some(mut opened) = self.desk.apply(DeskCommand::Read) {
            let drawing = opened.scenario.drawing.clone().map(Rc::new);
            let on_move = (!self.is_embedded).then(|| self.on_move.clone());
            let drawn = Drawn { drawing, on_move };
            let is_anew = std::mem::take(&mut self.is_anew);
            let bench = self.bench.as_mut().filter(|it| !is_anew && it.runs(&opened.scenario));
            if let Some(bench) = bench {
                // Where parts stand means nothing for the run: it goes on.
                bench.scenario = opened.scenario;
                bench.drawn = drawn;
                return;
            }
            self.version += 1;
            let template = TEMPLATES.iter().find(|each| each.document == self.desk.text());
            if let Some(template) = template {
                opened.scene.steps = (template.steps)(&opened.scene.layout);
            }
            self.kept = self.kept.as_ref().map(|kept| Rc::new(kept.beside(self.desk.text())));
            let finding = self.finding.take();
            let message = finding.as_ref().and_then(|it| it.message).map(Selection::Message);
            self.bench = Some(Bench {
                until: finding.as_ref().map(|finding| finding.at),
                answered: self.answered.clone(),
                on_finding: self.on_finding.clone(),
                kept: self.kept.clone(),
                on_keep: self.on_keep.clone(),
                chosen: message.or_else(|| chosen(self.chosen.take(), &opened)),
                on_built: self.on_built.clone(),
                drawn,
                on_command: Rc::clone(&self.on_command),
                version: self.version,
                scenario: opened.scenario,
                scene: Rc::new(RefCell::new(Some(opened.scene))),
                pace: Rc::clone(&self.pace),
            });
        }
    }

    fn load(&mut self, text: String, lead: &str) {
        if !fits(&text) {
            return self.refuse_size();
        }
        self.notice.clear();
        self.remark.clear();
        self.is_anew = true;
        self.go(DeskCommand::Load { text, lead: lead.to_owned() });
    }

    /// The text stays as it was.
    fn refuse_size(&mut self) {
        self.notice = format!("{}.", capitalised(TOO_LARGE));
    }

    /// Runs to where a goal is not met, with the message that is to blame chosen.
    fn see(&mut self, finding: Finding) {
        let Finding { seed, at, message, .. } = finding;
        let text = with_seed(self.desk.text(), seed);
        let lead = self.desk.lead().to_owned();
        self.finding = Some(finding);
        self.load(text, &lead);
        self.finding = None;
        self.remark = format!("Seed {seed}, up to {}: here the goal fails.", words::clock(at));
        self.focus = Some(if message.is_some() { "inspector" } else { "play" }.into());
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
        if !self.desk.text().is_empty() {
            return;
        }
        match draft::draft().filter(|_| !self.is_embedded) {
            Some(draft) => self.load(draft, "Your text, as you left it."),
            None => self.pick(&TEMPLATES[0]),
        }
    }

    fn arrive(&mut self, arrived: Result<Arrived, String>) {
        match arrived {
            Ok(Arrived { text, remark }) => {
                self.arrived = Some(text.clone());
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
                self.shelf = keeping::read_shelf();
                self.name = self
                    .bench
                    .as_ref()
                    .map_or_else(String::new, |bench| bench.scenario.name.clone());
            }
            Some(Drawer::Rust) | None => {}
        }
    }

    /// A link to another text than the one on the desk would be a trap.
    fn forget_link(&mut self) {
        if self.drawer == Some(Drawer::Share) {
            self.drawer = None;
        }
        self.link = None;
    }

    fn copy(&mut self, ctx: &Context<Self>) {
        let shown = match self.drawer {
            Some(Drawer::Share) => self.link.clone().and_then(Result::ok),
            Some(Drawer::Rust) => self.program(),
            Some(Drawer::Kept) | None => None,
        };
        if let Some(shown) = shown {
            let copied = ctx.link().callback(Msg::Copied);
            browser::spawn_local(async move { copied.emit(browser::copy_text(shown).await) });
        }
    }

    /// The scenario as a program, as long as the text is one.
    fn program(&self) -> Option<String> {
        self.bench.as_ref().filter(|_| self.is_as_read()).map(|bench| program(&bench.scenario))
    }

    /// Whether what is on the bench is what the text says.
    fn is_as_read(&self) -> bool {
        self.desk.mistake().is_none() && !self.desk.is_unread()
    }

    fn file_name(&self) -> String {
        let name = self.bench.as_ref().map_or("scenario", |bench| &bench.scenario.name);
        name.chars().map(|each| if each.is_alphanumeric() { each } else { '-' }).collect()
    }

    fn download(&mut self, name: &str, text: &str) {
        let has_begun = browser::download(name, text);
        self.notice =
            if has_begun { String::new() } else { "This browser downloads nothing.".to_owned() };
    }
}
