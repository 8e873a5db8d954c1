/** The views that are loaded after the first one. They share most of their code, so they come together. */
export { StartView } from './start/start-view.tsx'
export { TaskView } from './tasks/task/task-view.tsx'
