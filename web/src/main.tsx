import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { connect } from "./api/calls";
import { App } from "./App";

connect();
const root = document.getElementById("root");
if (root === null) throw new Error("BUG: the document has no root");
createRoot(root).render(<StrictMode><App /></StrictMode>);
