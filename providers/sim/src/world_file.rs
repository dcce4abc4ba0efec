//! The world's file: lines are only ever appended, each under the file's lock, so that any number of processes may share
//! it. What a process that was killed left half written is cut off by whoever comes next. Nothing is synchronised to the
//! disk: the file is to outlive processes, not machines. It grows by two lines a call, which is the history that tests judge.

use crate::record::Line;
use crate::world::World;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// A file with its world.
#[derive(Debug)]
pub struct WorldFile {
    inner: Mutex<Inner>,
    /// What the clock of the machine showed when the runtime's showed this.
    began: (u64, Instant),
}

#[derive(Debug)]
struct Inner {
    file: File,
    /// As far as the file was read.
    read: u64,
    world: World,
}

impl WorldFile {
    /// Opens a world, or makes an empty one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let began = (u64::try_from(since.as_millis()).unwrap_or_default(), Instant::now());
        let mut opened = Self { inner: Mutex::new(Inner { file, read: 0, world: World::default() }), began };
        opened.began.0 = opened.locked(|world, now| {
            world.settle();
            (now, Vec::new())
        })?;
        Ok(opened)
    }

    /// The world's clock, in milliseconds. It follows the runtime's, so that tests may let it run ahead.
    fn now(&self, world: &World) -> u64 {
        let elapsed = u64::try_from(self.began.1.elapsed().as_millis()).unwrap_or_default();
        (self.began.0 + elapsed).max(world.at())
    }

    /// Does something with the world as it is now, the time given, and writes the lines that come of it. Nobody else
    /// writes meanwhile.
    pub fn locked<T>(&self, act: impl FnOnce(&mut World, u64) -> (T, Vec<Line>)) -> io::Result<T> {
        // A panic under the lock can leave the world behind the file, which the next one reads on.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.file.lock()?;
        let done = inner.catch_up().and_then(|()| {
            let now = self.now(&inner.world);
            let (answer, lines) = act(&mut inner.world, now);
            inner.append(lines)?;
            Ok(answer)
        });
        inner.file.unlock()?;
        done
    }
}

impl Inner {
    /// Reads what other processes have written.
    fn catch_up(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() == self.read {
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(self.read))?;
        let mut reader = BufReader::new(&self.file);
        let mut text = Vec::new();
        loop {
            text.clear();
            let length = reader.read_until(b'\n', &mut text)?;
            if text.last() != Some(&b'\n') {
                break;
            }
            let line = serde_json::from_slice(&text).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
            self.world.apply(line);
            self.read += length as u64;
        }
        // Half a line: nobody writes under the lock, so whoever began it is gone.
        if !text.is_empty() {
            self.file.set_len(self.read)?;
        }
        Ok(())
    }

    fn append(&mut self, lines: Vec<Line>) -> io::Result<()> {
        let mut text = Vec::new();
        for line in &lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        if text.is_empty() {
            return Ok(());
        }
        self.file.write_all(&text)?;
        self.read += text.len() as u64;
        for line in lines {
            self.world.apply(line);
        }
        Ok(())
    }
}

/// All lines of a world's file, for whoever judges what happened. One that is being written is none yet.
pub fn history(path: &Path) -> io::Result<Vec<Line>> {
    let text = std::fs::read_to_string(path)?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))).collect()
}
