//! A small host of the plain WebAssembly interface (`wasm/abi`), on wasmtime.
//!
//! It does what every host should: bounds on time and memory, and an answer only where the module gave one.

use std::time::Duration;

use wasmtime::{Config, Engine, Instance, Memory, ResourceLimiter, Store, Trap, TypedFunc};

/// The version of the interface that this host speaks.
pub const ABI_VERSION: i32 = 1;

/// How often time is looked at.
const TICK: Duration = Duration::from_millis(5);

/// A compiled module.
pub struct Module {
    engine: Engine,
    module: wasmtime::Module,
}

/// Bounds on one instance.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Units of work, about one for each instruction.
    pub fuel: u64,
    /// Time of one call.
    pub time: Duration,
    /// Bytes of memory.
    pub memory: usize,
}

/// Why there is no answer. None of these is a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The fuel is used up.
    Fuel,
    /// The time is over.
    Time,
    /// The module was refused memory.
    Memory,
    /// The module trapped.
    Trap(String),
    /// The module broke the interface.
    Broken(&'static str),
}

/// An instance with its bounds. After a [`Stop`] it is of no use.
pub struct Host {
    store: Store<State>,
    memory: Memory,
    alloc: TypedFunc<i32, i32>,
    free: TypedFunc<(i32, i32), ()>,
    call: TypedFunc<(i32, i32), i64>,
    ticks: u64,
}

struct State {
    memory: usize,
    refused: bool,
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = desired <= self.memory;
        self.refused |= !allowed;
        Ok(allowed)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl Limits {
    /// Far more than any check needs.
    pub const GENEROUS: Self = Self {
        fuel: u64::MAX,
        time: Duration::from_secs(600),
        memory: 1 << 30,
    };
}

impl Module {
    /// Compiles a module, which takes seconds; instances of it take microseconds.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn compile(bytes: &[u8]) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config.consume_fuel(true).epoch_interruption(true);
        let engine = Engine::new(&config)?;
        let module = wasmtime::Module::new(&engine, bytes)?;
        let clock = engine.weak();
        std::thread::spawn(move || {
            while let Some(engine) = clock.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        });
        Ok(Self { engine, module })
    }

    /// What the module wants from its host, as `module name`.
    pub fn imports(&self) -> Vec<String> {
        self.module
            .imports()
            .map(|import| format!("{} {}", import.module(), import.name()))
            .collect()
    }

    /// What the module offers: name and type, by name.
    pub fn exports(&self) -> Vec<(String, wasmtime::ExternType)> {
        let mut exports: Vec<_> = self
            .module
            .exports()
            .map(|export| (export.name().to_owned(), export.ty()))
            .collect();
        exports.sort_by(|a, b| a.0.cmp(&b.0));
        exports
    }

    /// A fresh instance.
    ///
    /// # Errors
    /// A module that has imports, or not the interface.
    pub fn start(&self, limits: Limits) -> wasmtime::Result<Host> {
        let mut store = Store::new(
            &self.engine,
            State {
                memory: limits.memory,
                refused: false,
            },
        );
        store.limiter(|state| state);
        store.set_fuel(limits.fuel)?;
        let ticks = u64::try_from(limits.time.as_millis() / TICK.as_millis())?;
        store.set_epoch_deadline(ticks);
        let instance = Instance::new(&mut store, &self.module, &[])?;
        let version = instance
            .get_typed_func::<(), i32>(&mut store, "flux_audit_abi_version")?
            .call(&mut store, ())?;
        wasmtime::ensure!(
            version == ABI_VERSION,
            "the module speaks version {version} of the interface"
        );
        Ok(Host {
            memory: instance
                .get_memory(&mut store, "memory")
                .ok_or_else(|| wasmtime::format_err!("no memory"))?,
            alloc: instance.get_typed_func(&mut store, "flux_audit_alloc")?,
            free: instance.get_typed_func(&mut store, "flux_audit_free")?,
            call: instance.get_typed_func(&mut store, "flux_audit_call")?,
            store,
            ticks,
        })
    }
}

impl Host {
    /// One call: a JSON request in, a JSON answer out.
    ///
    /// # Errors
    /// [`Stop`]: there is no answer, and no verdict.
    pub fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, Stop> {
        let len = i32::try_from(request.len()).map_err(|_| Stop::Broken("the request is too large"))?;
        let place = self.alloc(len)?;
        if place == 0 {
            return Err(self.stop("no memory for the request"));
        }
        let written = self.memory.write(&mut self.store, place as u32 as usize, request);
        written.map_err(|_| Stop::Broken("the room for the request is outside of the memory"))?;
        let answer = self.call_at(place, len)?;
        self.free(place, len)?;
        Ok(answer)
    }

    /// `flux_audit_call` with any numbers; reads the answer and gives it back.
    ///
    /// # Errors
    /// [`Stop`]: there is no answer, and no verdict.
    pub fn call_at(&mut self, place: i32, len: i32) -> Result<Vec<u8>, Stop> {
        self.store.set_epoch_deadline(self.ticks);
        let packed = self
            .call
            .call(&mut self.store, (place, len))
            .map_err(|error| self.trapped(&error))?;
        let (place, len) = ((packed >> 32) as i32, packed as i32);
        if place == 0 {
            return Err(self.stop("a null answer"));
        }
        let (from, size) = (place as u32 as usize, len as u32 as usize);
        let bytes = self.memory.data(&self.store).get(from..from.saturating_add(size));
        let answer = bytes
            .ok_or(Stop::Broken("the answer is outside of the memory"))?
            .to_vec();
        self.free(place, len)?;
        Ok(answer)
    }

    /// `flux_audit_alloc`.
    ///
    /// # Errors
    /// [`Stop`] where it traps.
    pub fn alloc(&mut self, len: i32) -> Result<i32, Stop> {
        self.store.set_epoch_deadline(self.ticks);
        self.alloc
            .call(&mut self.store, len)
            .map_err(|error| self.trapped(&error))
    }

    /// `flux_audit_free`.
    ///
    /// # Errors
    /// [`Stop`] where it traps.
    pub fn free(&mut self, place: i32, len: i32) -> Result<(), Stop> {
        self.store.set_epoch_deadline(self.ticks);
        self.free
            .call(&mut self.store, (place, len))
            .map_err(|error| self.trapped(&error))
    }

    /// Writes into the instance's memory, for tests.
    ///
    /// # Errors
    /// [`Stop`] where that is outside of it.
    pub fn write(&mut self, place: i32, bytes: &[u8]) -> Result<(), Stop> {
        let written = self.memory.write(&mut self.store, place as u32 as usize, bytes);
        written.map_err(|_| Stop::Broken("outside of the memory"))
    }

    /// Bytes of memory in use.
    pub fn memory_bytes(&self) -> usize {
        self.memory.data_size(&self.store)
    }

    /// Fuel that is left.
    pub fn fuel(&self) -> u64 {
        self.store.get_fuel().unwrap_or(0)
    }

    /// Sets the fuel that is left.
    pub fn refuel(&mut self, fuel: u64) {
        // Fails only without fuel metering, which `Module::compile` turns on.
        let _ = self.store.set_fuel(fuel);
    }

    fn trapped(&self, error: &wasmtime::Error) -> Stop {
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Stop::Fuel,
            Some(Trap::Interrupt) => Stop::Time,
            // Rust ends with a plain trap where it gets no memory.
            _ if self.store.data().refused => Stop::Memory,
            Some(trap) => Stop::Trap(trap.to_string()),
            None => Stop::Trap(error.to_string()),
        }
    }

    fn stop(&self, what: &'static str) -> Stop {
        if self.store.data().refused {
            Stop::Memory
        } else {
            Stop::Broken(what)
        }
    }
}
