//! What the reader keeps in the browser and gives to others.

use std::rc::Rc;

use yew::Context;

use super::{Msg, OWN_LEAD, Page};
use crate::{
    browser,
    sandbox::{
        compare::{Kept, KeptCommand},
        drawer::{self, Keeping},
        link,
        shelf::Shelf,
    },
};

/// Where the browser keeps the shelf.
const SHELF_KEY: &str = "postroom.sandbox";

impl Page {
    pub(super) fn keep(&mut self, keeping: Keeping) {
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
            Keeping::Delete(name) => {
                // The button that was pressed is gone.
                self.focus = Some(drawer::NAME.into());
                (Ok(shelf.without(&name)), "Deleted")
            }
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

    pub(super) fn keep_a(&mut self, command: KeptCommand) {
        match command {
            KeptCommand::Keep => {
                let scenario = self.bench.as_ref().map(|bench| bench.scenario.clone());
                // A text with a mistake is not what is on the bench.
                let scenario = scenario.filter(|_| self.is_as_read());
                let text = self.desk.text().to_owned();
                self.kept = scenario.map(|scenario| Rc::new(Kept::new(text, scenario)));
                if self.kept.is_none() {
                    self.notice = "The text cannot be read: mend it first.".to_owned();
                }
            }
            KeptCommand::BackTo => {
                if let Some(kept) = self.kept.take() {
                    let (text, lead) = (kept.text().to_owned(), self.desk.lead().to_owned());
                    self.load(text, &lead);
                }
            }
            KeptCommand::Forget => self.kept = None,
        }
        if let Some(bench) = &mut self.bench {
            bench.kept.clone_from(&self.kept);
        }
    }

    pub(super) fn make_link(&mut self, ctx: &Context<Self>) {
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
}

pub(super) fn read_shelf() -> Result<Shelf, String> {
    let text = browser::load(SHELF_KEY).map_err(|error| error.to_string())?;
    Shelf::from_json(text.as_deref()).map_err(|error| error.to_string())
}
