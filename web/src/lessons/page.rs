//! The page: the list of lessons, or a step of one beside its run.

use std::{cell::Cell, rc::Rc, sync::Arc};

use postroom_course::{Block, Course, Lesson, Setting, Step};
use postroom_simulator::Judgement;
use yew::prelude::*;

use super::{
    course,
    grade::{self, are_met, is_right, moment},
    list,
    progress::{PROGRESS_BYTES_MAX, Progress},
    room::Room,
};
use crate::{
    app::{LESSONS, Show, top},
    browser::{self, FileError, Listener},
    panels::words::capitalised,
    player::Speed,
    run::Watched,
};

/// Where the browser keeps the progress.
const PROGRESS_KEY: &str = "postroom.lessons";
/// The heading that has the focus when a step begins.
pub(super) const STEP_TITLE: &str = "step-title";

/// What happens on the page.
pub(super) enum Msg {
    /// The address has changed.
    Moved,
    /// An answer of a quiz was chosen.
    Answer(String, usize),
    /// A prediction is written.
    Guess(String, String),
    /// It is to be graded.
    Grade(String),
    /// A knob is turned.
    Turn(Setting),
    /// The run is to begin anew.
    Restart,
    /// The goals of the task are to be judged.
    Check(String),
    /// The next hint is wanted.
    Hint(String),
    /// The solution is wanted, or no longer.
    Solution(String),
    /// The progress is to become a file.
    Export,
    /// A file was chosen.
    Import(Event),
    /// It was read.
    FileRead(Result<String, FileError>),
}

/// What the reader did with an exercise.
#[derive(Default)]
pub(super) struct Work {
    pub(super) chosen: Option<usize>,
    pub(super) guess: String,
    /// The number that was graded, and what the run says.
    pub(super) graded: Option<(u64, u64)>,
    pub(super) judged: Option<Vec<Judgement>>,
    pub(super) hints: usize,
    pub(super) shows_solution: bool,
    pub(super) remark: String,
}

/// The page.
pub(super) struct Page {
    pub(super) course: Rc<Course>,
    pub(super) progress: Progress,
    /// The lesson and the step, by their numbers.
    place: Option<(usize, usize)>,
    pub(super) settings: Vec<Setting>,
    room: Option<Room>,
    works: Vec<(String, Work)>,
    speed: Rc<Cell<Speed>>,
    version: u64,
    moves_focus: bool,
    /// What just happened to the progress.
    pub(super) notice: String,
    _moved: Option<Listener>,
}

impl Component for Page {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let moved = ctx.link().callback(|()| Msg::Moved);
        let course = Rc::new(course());
        let mut page = Self {
            progress: Progress::default(),
            course,
            place: None,
            settings: Vec::new(),
            room: None,
            works: Vec::new(),
            speed: Rc::new(Cell::new(Speed::One)),
            version: 0,
            moves_focus: false,
            notice: String::new(),
            _moved: browser::on_hash_change(move || moved.emit(())),
        };
        page.read_progress();
        page.follow_address();
        page.moves_focus = false;
        page
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Moved => self.follow_address(),
            Msg::Answer(id, answer) => self.answer(id, answer),
            Msg::Guess(id, guess) => self.work_mut(&id).guess = guess,
            Msg::Grade(id) => self.grade(&id),
            Msg::Turn(setting) => {
                self.set(setting);
                self.begin_run();
            }
            Msg::Restart => self.begin_run(),
            Msg::Check(id) => self.check(&id),
            Msg::Hint(id) => self.work_mut(&id).hints += 1,
            Msg::Solution(id) => {
                let work = self.work_mut(&id);
                work.shows_solution = !work.shows_solution;
            }
            Msg::Export => {
                self.notice =
                    if browser::download("postroom-progress.json", &self.progress.to_json()) {
                        "Your progress is in the file postroom-progress.json.".to_owned()
                    } else {
                        "This browser could not begin the download.".to_owned()
                    };
            }
            Msg::Import(event) => {
                let read = ctx.link().callback(Msg::FileRead);
                browser::spawn_local(async move {
                    if let Some(file) = browser::read_file(event, PROGRESS_BYTES_MAX).await {
                        read.emit(file);
                    }
                });
            }
            Msg::FileRead(file) => self.import(file),
        }
        true
    }

    fn rendered(&mut self, _: &Context<Self>, _first: bool) {
        if std::mem::take(&mut self.moves_focus) {
            browser::focus(STEP_TITLE);
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        html! {
            <div class="page">
                { top("./", LESSONS, Html::default()) }
                { match self.place {
                    Some((lesson, step)) => self.lesson(ctx, lesson, step),
                    None => list::list(self, ctx),
                } }
            </div>
        }
    }
}

impl Page {
    /// What was done with an exercise.
    pub(super) fn work(&self, id: &str) -> Option<&Work> {
        self.works.iter().find(|(each, _)| each == id).map(|(_, work)| work)
    }

    /// The lesson that is open.
    pub(super) fn open(&self) -> Option<(&Lesson, &Step)> {
        let (lesson, step) = self.place?;
        let lesson = self.course.lessons.get(lesson)?;
        Some((lesson, lesson.steps.get(step)?))
    }

    fn lesson(&self, ctx: &Context<Self>, number: usize, step: usize) -> Html {
        let Some((lesson, shown)) = self.open() else { return Html::default() };
        html! {
            <main class="lesson">
                <article class="lesson-text" aria-labelledby={STEP_TITLE}>
                    { list::crumbs(lesson, step) }
                    <h2 id={STEP_TITLE} tabindex="-1">{ &shown.title }</h2>
                    if step == 0 {
                        <p class="lead">{ super::prose::prose(&lesson.lead) }</p>
                    }
                    { for shown.blocks.iter().map(|block| self.block(ctx, lesson, block)) }
                    { list::ways(&self.course, number, step) }
                </article>
                if let Some(room) = &self.room {
                    <section class="lesson-room" aria-label="The run">
                        <Show<Room> key={room.version} ..room.clone() />
                    </section>
                }
            </main>
        }
    }

    fn follow_address(&mut self) {
        let hash = browser::hash();
        let (id, step) = hash.split_once('/').unwrap_or((&hash, "1"));
        let place = self.course.lessons.iter().position(|lesson| lesson.id == id).map(|lesson| {
            let last = self.course.lessons[lesson].steps.len().saturating_sub(1);
            (lesson, step.parse::<usize>().map_or(0, |step| step.saturating_sub(1)).min(last))
        });
        let was = self.place.map(|(lesson, _)| lesson);
        if place.map(|(lesson, _)| lesson) != was {
            self.settings.clear();
            self.works.clear();
        }
        self.place = place;
        self.moves_focus = true;
        self.notice.clear();
        self.begin_run();
    }

    fn begin_run(&mut self) {
        self.version += 1;
        self.room = self.open().map(|(lesson, step)| {
            let goals = step.blocks.iter().find_map(|block| match block {
                Block::Task(task) => Some(task.goals.as_slice()),
                _ => None,
            });
            let balance = step.blocks.iter().find_map(|block| match block {
                Block::Balance(balance) => Some(balance.clone()),
                _ => None,
            });
            let scenario = grade::scenario(lesson, &self.settings, goals.unwrap_or_default());
            let name = lesson.title.clone();
            let run = scenario.and_then(|it| Watched::open(Arc::new(it)));
            let run = run.map_err(|error| error.to_string());
            Room { version: self.version, name, run, speed: Rc::clone(&self.speed), balance }
        });
        self.works.iter_mut().for_each(|(_, work)| work.judged = None);
    }

    fn answer(&mut self, id: String, answer: usize) {
        self.work_mut(&id).chosen = Some(answer);
        let is_right = self.open().is_some_and(|(_, step)| {
            step.blocks.iter().any(|block| match block {
                Block::Quiz(quiz) if quiz.id == id => {
                    quiz.answers.get(answer).is_some_and(|answer| answer.right)
                }
                _ => false,
            })
        });
        if is_right {
            self.finish(&id);
        }
    }

    fn grade(&mut self, id: &str) {
        let Some((lesson, step)) = self.open() else { return };
        let predict = step.blocks.iter().find_map(|block| match block {
            Block::Predict(predict) if predict.id == id => Some((**predict).clone()),
            _ => None,
        });
        let Some(predict) = predict else { return };
        let guess = self.work(id).and_then(|work| work.guess.trim().parse::<u64>().ok());
        let seed = grade::scenario(lesson, &[], &[]).map_or(0, |scenario| scenario.seed);
        let truth = grade::truth(lesson, &predict, seed);
        let work = self.work_mut(id);
        match (guess, truth) {
            (Some(guess), Ok(truth)) => {
                work.graded = Some((guess, truth));
                work.remark.clear();
                if is_right(guess, truth, predict.tolerance) {
                    self.finish(id);
                }
                predict.settings.into_iter().for_each(|setting| self.set(setting));
                self.begin_run();
            }
            (None, _) => work.remark = "Write a whole number, such as 12.".to_owned(),
            (_, Err(error)) => work.remark = format!("This did not run: {error}."),
        }
    }

    fn check(&mut self, id: &str) {
        let Some((_, step)) = self.open() else { return };
        let until = step.blocks.iter().find_map(|block| match block {
            Block::Task(task) if task.id == id => Some(moment(task.until_s)),
            _ => None,
        });
        let run = self.room.as_ref().and_then(|room| room.run.as_ref().ok());
        let trial = run.and_then(|run| run.trial().ok());
        let (Some(mut trial), Some(until)) = (trial, until) else { return };
        trial.run_until(until);
        let judged = trial.judge();
        if are_met(&judged) {
            self.finish(id);
        }
        self.work_mut(id).judged = Some(judged);
    }

    fn set(&mut self, setting: Setting) {
        self.settings.retain(|each| each.knob != setting.knob);
        self.settings.push(setting);
    }

    fn work_mut(&mut self, id: &str) -> &mut Work {
        let index = self.works.iter().position(|(each, _)| each == id).unwrap_or_else(|| {
            self.works.push((id.to_owned(), Work::default()));
            self.works.len() - 1
        });
        &mut self.works[index].1
    }

    fn finish(&mut self, exercise: &str) {
        let Some(lesson) = self.open().map(|(lesson, _)| lesson.id.clone()) else { return };
        self.progress.finish(&lesson, exercise);
        self.keep_progress();
    }

    fn keep_progress(&mut self) {
        if let Err(why) = browser::store(PROGRESS_KEY, &self.progress.to_json()) {
            self.notice = format!("Your progress is not kept: {why}.");
        }
    }

    fn read_progress(&mut self) {
        let Ok(Some(text)) = browser::load(PROGRESS_KEY) else { return };
        match Progress::from_json(&text, &self.course) {
            Ok(progress) => self.progress = progress,
            Err(why) => self.notice = format!("What this browser kept was not read: {why}."),
        }
    }

    fn import(&mut self, file: Result<String, FileError>) {
        let read = file.map_err(|error| error.to_string()).and_then(|text| {
            Progress::from_json(&text, &self.course).map_err(|error| error.to_string())
        });
        match read {
            Ok(progress) => {
                self.notice = "The progress in the file is added to yours.".to_owned();
                self.progress.join(&progress);
                self.keep_progress();
            }
            Err(why) => self.notice = format!("{}.", capitalised(&why)),
        }
    }
}
