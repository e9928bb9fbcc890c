//! Every operation, through the gateway, on a table of its own. A module is named for the operation it tests.

mod budget;
mod create_customer;
