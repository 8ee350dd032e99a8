//! Kubewarden's host for WASI policies: a program, run afresh for each request.

use std::time::Duration;

use wasmtime::{InstancePre, Linker, Module, Result, Store};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{HostWallClock, I32Exit, WasiCtx};

/// Bytes of an answer.
const ROOM: usize = 1 << 20;

/// A compiled policy, whose clock stands still.
pub struct Policy {
    /// The module itself.
    pub module: Module,
    ready: InstancePre<WasiP1Ctx>,
    now: u64,
}

struct Clock(u64);

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl Policy {
    /// Compiles a policy; `now` is the time of its runs, in seconds since 1970.
    ///
    /// # Errors
    /// A module that wasmtime does not take, or that needs more than WASI.
    pub fn load(bytes: &[u8], now: u64) -> Result<Self> {
        let engine = wasmtime::Engine::default();
        let module = Module::new(&engine, bytes)?;
        let mut linker = Linker::new(&engine);
        p1::add_to_linker_sync(&mut linker, |ctx| ctx)?;
        let ready = linker.instantiate_pre(&module)?;
        Ok(Self { module, ready, now })
    }

    /// Exit code, -1 for a trap, and standard output of a run.
    ///
    /// # Errors
    /// A module that is no program.
    pub fn run(&self, args: &[&str], input: &[u8]) -> Result<(i32, Vec<u8>)> {
        let output = MemoryOutputPipe::new(ROOM);
        let ctx = WasiCtx::builder()
            .args(args)
            .stdin(MemoryInputPipe::new(input.to_vec()))
            .stdout(output.clone())
            .wall_clock(Clock(self.now))
            .build_p1();
        let mut store = Store::new(self.module.engine(), ctx);
        let instance = self.ready.instantiate(&mut store)?;
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        let code = match start.call(&mut store, ()) {
            Ok(()) => 0,
            Err(error) => error.downcast_ref::<I32Exit>().map_or(-1, |exit| exit.0),
        };
        Ok((code, output.contents().to_vec()))
    }
}
