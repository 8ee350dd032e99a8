//! What an instance keeps between calls, and the calls. Each error is a reason to abort.

use policy_core::Json;

use crate::arena::{Arena, Kind};
use crate::policy::{Data, Entry, Policy};

/// Codes of the calls that change data, as OPA has them.
const DONE: i32 = 0;
const WRONG_TYPE: i32 = 2;
const WRONG_PATH: i32 = 3;

pub(crate) struct Instance {
    arena: Arena,
    policy: Policy,
    /// The last value read, by its handle: nearly always the input that is evaluated next.
    read: Option<(u32, Json)>,
    /// The data of the last evaluation, by its handle, while it lies there unchanged. Comparing it is slow in hosts that
    /// look for a reason to stop in every round of a loop.
    data: Option<u32>,
}

/// The numbers of an evaluation context.
struct Context {
    input: u32,
    data: u32,
    entry: u32,
    result: u32,
}

impl Instance {
    pub(crate) const fn new() -> Self {
        Self {
            arena: Arena::new(),
            policy: Policy::new(),
            read: None,
            data: None,
        }
    }

    pub(crate) fn malloc(&mut self, len: u32) -> Result<u32, String> {
        self.arena.alloc(len)
    }

    pub(crate) fn free(&mut self, place: u32) {
        self.arena.free(place);
    }

    pub(crate) fn mark(&self) -> u32 {
        self.arena.mark()
    }

    pub(crate) fn release(&mut self, mark: u32) -> Result<(), String> {
        self.read = None;
        let arena = &self.arena;
        self.data = self.data.filter(|data| arena.end(*data).is_ok_and(|end| end <= mark));
        self.arena.release(mark)
    }

    /// Reads JSON text; hosts may count the zero that ends it.
    pub(crate) fn parse(&mut self, place: u32, len: u32) -> Result<u32, String> {
        let text = self.arena.read(place, len)?;
        let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let text = text[..end].to_vec();
        let json = Json::parse(&text)?;
        let handle = self.arena.keep(Kind::Json, &text)?;
        self.read = Some((handle, json));
        Ok(handle)
    }

    /// A value as JSON, a set as a list.
    pub(crate) fn dump_json(&mut self, handle: u32) -> Result<u32, String> {
        let text = match self.arena.value(handle)? {
            (Kind::Json, text) => text.to_vec(),
            (Kind::Set, items) => [b"[{\"result\":[", items, b"]}]"].concat(),
        };
        self.arena.text(&[&text])
    }

    /// A value as Rego, in which a set is a set.
    pub(crate) fn dump_rego(&mut self, handle: u32) -> Result<u32, String> {
        let text = match self.arena.value(handle)? {
            (Kind::Json, text) => text.to_vec(),
            (Kind::Set, b"") => b"{{\"result\":set()}}".to_vec(),
            (Kind::Set, items) => [b"{{\"result\":{", items, b"}}}"].concat(),
        };
        self.arena.text(&[&text])
    }

    pub(crate) fn keep(&mut self, json: &str) -> Result<u32, String> {
        self.arena.keep(Kind::Json, json.as_bytes())
    }

    pub(crate) fn new_context(&mut self) -> Result<u32, String> {
        self.arena.keep_numbers([0; 4])
    }

    pub(crate) fn set_input(&mut self, context: u32, input: u32) -> Result<(), String> {
        self.change(context, |context| context.input = input)
    }

    pub(crate) fn set_data(&mut self, context: u32, data: u32) -> Result<(), String> {
        self.change(context, |context| context.data = data)
    }

    pub(crate) fn set_entry(&mut self, context: u32, entry: u32) -> Result<(), String> {
        self.change(context, |context| context.entry = entry)
    }

    pub(crate) fn result(&self, context: u32) -> Result<u32, String> {
        match self.context(context)?.result {
            0 => Err("nothing was evaluated".into()),
            result => Ok(result),
        }
    }

    pub(crate) fn evaluate(&mut self, place: u32) -> Result<(), String> {
        let context = self.context(place)?;
        let entry = Entry::number(context.entry)?;
        let input = match self.read.take() {
            Some((handle, json)) if handle == context.input => json,
            _ if context.input == 0 => return Err("there is no input".into()),
            _ => Json::parse(self.arena.value(context.input)?.1)?,
        };
        let data = match (context.data, self.data.take()) {
            (0, _) => Data::Text(b"{}"),
            (data, Some(known)) if data == known => Data::Unchanged,
            (data, _) => Data::Text(self.arena.value(data)?.1),
        };
        let set = self.policy.evaluate(entry, &data, &input)?;
        self.data = Some(context.data).filter(|data| *data != 0);
        let items: Vec<String> = set.into_iter().collect();
        let result = self.arena.keep(Kind::Set, items.join(",").as_bytes())?;
        self.change(place, |context| context.result = result)
    }

    /// Sets a value in data, with the objects that lead there.
    pub(crate) fn add_path(&mut self, data: u32, path: u32, value: u32) -> Result<i32, String> {
        let added: serde_json::Value = self.json(value)?;
        self.edit(data, path, |parent, key| match parent.as_object_mut() {
            Some(members) => {
                members.insert(key.to_owned(), added);
                DONE
            }
            None => WRONG_TYPE,
        })
    }

    /// Takes a value out of data.
    pub(crate) fn remove_path(&mut self, data: u32, path: u32) -> Result<i32, String> {
        self.edit(data, path, |parent, key| match parent.as_object_mut() {
            Some(members) => {
                members.remove(key);
                DONE
            }
            None => WRONG_TYPE,
        })
    }

    /// Edits data at the parent of a path, a list of keys.
    fn edit(
        &mut self,
        data: u32,
        path: u32,
        change: impl FnOnce(&mut serde_json::Value, &str) -> i32,
    ) -> Result<i32, String> {
        let path: serde_json::Value = self.json(path)?;
        let keys: Option<Vec<&str>> = path
            .as_array()
            .and_then(|keys| keys.iter().map(|key| key.as_str()).collect());
        let Some((last, parents)) = keys.as_deref().and_then(<[&str]>::split_last) else {
            return Ok(WRONG_PATH);
        };
        let mut root = self.json(data)?;
        let mut parent = &mut root;
        for key in parents {
            let Some(members) = parent.as_object_mut() else {
                return Ok(WRONG_TYPE);
            };
            parent = members.entry(*key).or_insert_with(|| serde_json::json!({}));
        }
        let code = change(parent, last);
        if code == DONE {
            self.read = None;
            self.data = None;
            self.arena.replace(data, root.to_string().as_bytes())?;
        }
        Ok(code)
    }

    fn json(&self, handle: u32) -> Result<serde_json::Value, String> {
        let (_, text) = self.arena.value(handle)?;
        serde_json::from_slice(text).map_err(|error| error.to_string())
    }

    fn context(&self, place: u32) -> Result<Context, String> {
        let [input, data, entry, result] = self.arena.numbers(place)?;
        Ok(Context {
            input,
            data,
            entry,
            result,
        })
    }

    fn change(&mut self, place: u32, change: impl FnOnce(&mut Context)) -> Result<(), String> {
        let mut context = self.context(place)?;
        change(&mut context);
        let Context {
            input,
            data,
            entry,
            result,
        } = context;
        self.arena.set_numbers(place, [input, data, entry, result])
    }

    /// The message of an abort, where a host reads it.
    pub(crate) fn message(&mut self, text: &str) -> Option<u32> {
        // Hosts read it byte by byte, as ASCII.
        let text: String = text
            .chars()
            .map(|c| if c.is_ascii() && c != '\0' { c } else { '?' })
            .collect();
        self.arena.text(&[text.as_bytes()]).ok()
    }
}
